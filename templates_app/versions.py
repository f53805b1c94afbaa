"""Versions of templates: what each said when it was saved or sent."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from accounts.models import User
from templates_app import contents
from templates_app.models import Content, MessageTemplate, TemplateVersion

#: The parts of a version's content. `translations`: the same parts by the code of the language.
SAID = ("html", "text", "document", "translations")


def freeze(template: MessageTemplate, *, by: User | None = None) -> TemplateVersion:
    """The version that says what the template says now: the last one, or a new one if it has changed since."""
    MessageTemplate.objects.select_for_update().get(pk=template.pk)
    body = _body_of(template)
    last = template.versions.select_related("content").first()
    if last is not None and _said(last) == body:
        return last
    # Without links: nobody clicks in a version. A kind of its own, or a batch that says the same would find it so.
    content = contents.keep(channel=template.channel, kind=Content.Kind.TEMPLATE, body=body)
    number = last.number + 1 if last is not None else 1
    return TemplateVersion.objects.create(template=template, number=number, content=content, created_by=by)


def mark_of(template: MessageTemplate) -> str:
    """A digest of what the template says now, by which is found out whether somebody changed it meanwhile."""
    return hashlib.sha256(json.dumps(_body_of(template), sort_keys=True).encode()).hexdigest()[:16]


def says_the_same(template: MessageTemplate, version: TemplateVersion) -> bool:
    return _said(version) == _body_of(template)


def _body_of(template: MessageTemplate) -> dict[str, Any]:
    body = _own_body_of(template)
    translations = template.translations.present() if template.pk else ()
    if found := {one.language: _own_body_of(one) for one in translations}:
        body["translations"] = found
    return body


def _own_body_of(template: MessageTemplate) -> dict[str, Any]:
    body: dict[str, Any] = {"html": template.html, "text": template.text}
    if template.is_of_blocks:
        body["document"] = template.document
    return body


def _said(version: TemplateVersion) -> dict[str, Any]:
    """What a version is compared by. Older releases kept more in its content."""
    return {name: part for name, part in version.content.body.items() if name in SAID}
