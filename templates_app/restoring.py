"""Brings back what a template said: as a new version, so that nothing is lost."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from templates_app import merging, versions
from templates_app.blocks import checking, documents, saving
from templates_app.blocks.documents import Unreadable
from templates_app.blocks.editing import NotPossible
from templates_app.merging import MergeError, check
from templates_app.models import MessageTemplate, TemplateVersion
from templates_app.sanitising import Unsafe, sanitise

MAX_SECONDS = 5.0  # CPU that checking all merge tags of a version may cost


class CannotRestore(Exception):
    """The version can't be sent any more as it is; the message says why."""


def restore(template: MessageTemplate, version: TemplateVersion, *, by: User) -> TemplateVersion:
    """Let the template, whose row is locked, say again what it said. What it says now is kept as a version first.
    Raises CannotRestore where today's checks refuse it, and changes nothing then."""
    versions.freeze(template, by=template.edited_by)
    body = version.content.body
    try:
        with merging.allowance(MAX_SECONDS):
            check(body["text"], html=False)
            _restore_body(template, body, by)
            for translation in template.translations.present():
                if translation.language in body.get("translations", {}):
                    versions.freeze(translation, by=translation.edited_by)
                    _restore_body(translation, body["translations"][translation.language], by)
    except (Unsafe, MergeError, NotPossible, Unreadable, ValueError) as problem:
        raise CannotRestore(str(problem)) from None
    return versions.freeze(template, by=by)


def _restore_body(template: MessageTemplate, body: dict, by: User) -> None:
    if "document" in body:
        _restore_blocks(template, body, by)
    else:
        _restore_html(template, body, by)


def _restore_blocks(template: MessageTemplate, body: dict, by: User) -> None:
    """The document is the truth: its HTML is made anew, as with each change."""
    document = checking.checked(documents.read(body["document"]))
    saving.keep(template, document, by=by)
    template.kind, template.text = MessageTemplate.Kind.BLOCKS, body["text"]
    template.save(update_fields=["kind", "text"])


def _restore_html(template: MessageTemplate, body: dict, by: User) -> None:
    html = sanitise(body["html"]).html
    check(html, html=True)
    template.kind, template.document = MessageTemplate.Kind.HTML, {}
    template.html, template.text = html, body["text"]
    template.revision += 1
    template.edited_by, template.updated_at = by, timezone.now()
    template.save(update_fields=["kind", "document", "html", "text", "revision", "edited_by", "updated_at"])
