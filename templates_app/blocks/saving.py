"""Keeps the document of a template, and the HTML that is made of it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

from django.utils import timezone

from accounts.models import User, Workspace
from templates_app import versions
from templates_app.blocks import documents
from templates_app.blocks.branding import look_from
from templates_app.blocks.documents import Document, Unreadable
from templates_app.blocks.editing import NotPossible
from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.merging import MergeError, check
from templates_app.models import Brand, MessageTemplate
from templates_app.sanitising import Unsafe, sanitise

log = logging.getLogger("fanfare.templates")

MADE = ("html", "brand_revision")
SITTING = timedelta(minutes=30)


def look_of(workspace: Workspace, language: str) -> Look:
    """How a message in a language, a code, looks: in the workspace's brand."""
    return look_from(Brand.of_workspace(), workspace, language)


def language_of(document: Document, workspace: Workspace) -> str:
    """The language of a document's HTML and of the example words in its new blocks, as a code."""
    return document.language or workspace.language


def document_of(template: MessageTemplate) -> Document:
    return documents.read(template.document)


def read_text(text: str) -> Document:
    """The document of a JSON text. Raises Unreadable."""
    try:
        stored = json.loads(text)
        json.dumps(stored, ensure_ascii=False).encode()  # half a character, "\\ud800", is none that can be stored
        return documents.read(stored)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise documents.none() from None


def keep(template: MessageTemplate, document: Document, *, by: User) -> None:
    """Write the document and its HTML to the template's row, which is locked. Raises NotPossible for a message that
    can't be sent: too large, or with more merge tags than a message may have."""
    _keep_earlier(template, by)
    brand = Brand.of_workspace()
    template.html = html_of(document, template.workspace, brand)
    template.brand_revision = brand.revision
    template.document = document.as_json()
    template.revision += 1
    template.edited_by = by
    template.updated_at = timezone.now()
    template.save(update_fields=[*MADE, "document", "revision", "edited_by", "updated_at"])


def _keep_earlier(template: MessageTemplate, by: User) -> None:
    """Keep as a version what was made before: by somebody else, or so long ago that it was another sitting, and nobody
    pressed Done."""
    is_of_another = template.edited_by_id not in (None, by.pk)
    is_old = timezone.now() - template.updated_at > SITTING
    if template.html and (is_of_another or is_old):
        versions.freeze(template, by=template.edited_by)


def follow_brand(template: MessageTemplate) -> bool:
    """Make the HTML again if the brand has changed since it was made. Returns whether it looks different now. What was
    made can stay as it is: a brand's words may be the ones too many."""
    brand = Brand.of_workspace()
    if not template.is_of_blocks or template.brand_revision == brand.revision:
        return False
    # Somebody may be editing it: what is saved there is made with the brand of today, too.
    template.refresh_from_db(from_queryset=MessageTemplate.objects.select_for_update(of=("self",), no_key=True))
    before = template.html
    try:
        template.html = html_of(document_of(template), template.workspace, brand)
    except (NotPossible, Unreadable) as problem:
        log.warning("Template %s can't follow the brand: %s", template.pk, problem)
    template.brand_revision = brand.revision
    template.save(update_fields=MADE)
    return template.html != before


def html_of(document: Document, workspace: Workspace, brand: Brand) -> str:
    """The HTML as it is sent. Raises NotPossible."""
    language = language_of(document, workspace)
    html = render(document, look_from(brand, workspace, language), language)
    try:
        # Each block was cleaned when it was saved. The whole goes through the same gate as everybody's HTML.
        sanitised = sanitise(html).html
        check(sanitised, html=True)
    except (Unsafe, MergeError, ValueError) as problem:
        raise NotPossible(str(problem)) from None
    return sanitised
