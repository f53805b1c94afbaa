"""A new template made of blocks."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from kernel.tenancy import scope
from templates_app import example_pictures
from templates_app.blocks import editing, saving
from templates_app.designs import Design
from templates_app.models import MessageTemplate


def with_blocks(workspace: Workspace, user: User, design: Design | None, language: str) -> tuple[MessageTemplate, str]:
    """(the template, why pictures of the design are missing). It says what the design says in that language; an empty
    one has example words in it. Copying pictures takes a while: never call it in a transaction."""
    document, problem = editing.empty(language), ""
    if design is not None:
        document, problem = example_pictures.copied(design.document(language), workspace, user)
    template = MessageTemplate(
        name=str(design.name) if design is not None else _("New template"),
        kind=MessageTemplate.Kind.BLOCKS,
        category=design.category if design is not None else "",
        html="",
        created_by=user,
    )
    with scope(workspace):
        template.workspace = workspace
        template.save()
        saving.keep(template, document, by=user)
    return template, problem
