"""Versions of templates: what each said when it was saved or sent."""

from __future__ import annotations

from accounts.models import User
from templates_app import contents
from templates_app.models import Content, MessageTemplate, TemplateVersion


def freeze(template: MessageTemplate, *, by: User | None = None) -> TemplateVersion:
    """The version that says what the template says now: the last one, or a new one if it has changed since."""
    MessageTemplate.objects.select_for_update().get(pk=template.pk)
    body = {"html": template.html, "text": template.text}
    last = template.versions.select_related("content").first()
    if last is not None and {name: last.content.body[name] for name in body} == body:
        return last
    # Without links: nobody clicks in a version. A kind of its own, or a batch that says the same would find it so.
    content = contents.keep(channel=template.channel, kind=Content.Kind.TEMPLATE, body=body)
    number = last.number + 1 if last is not None else 1
    return TemplateVersion.objects.create(template=template, number=number, content=content, created_by=by)
