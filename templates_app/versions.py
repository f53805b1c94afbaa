"""Versions of templates: what each said when it was saved or sent."""

from __future__ import annotations

from accounts.models import User
from templates_app import contents
from templates_app.message_links import counted_links
from templates_app.models import Content, MessageTemplate, TemplateVersion


def freeze(template: MessageTemplate, *, by: User | None = None) -> TemplateVersion:
    """The version that says what the template says now: the last one, or a new one if it has changed since."""
    MessageTemplate.objects.select_for_update().get(pk=template.pk)
    content = contents.keep(
        channel=template.channel,
        kind=Content.Kind.HTML,
        body={"subject": "", "preheader": "", "html": template.html, "text": template.text},
        links=lambda: counted_links(template.html),
    )
    last = template.versions.first()
    if last is not None and last.content_id == content.pk:
        return last
    number = last.number + 1 if last is not None else 1
    return TemplateVersion.objects.create(template=template, number=number, content=content, created_by=by)
