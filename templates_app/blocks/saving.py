"""Keeps the document of a template, and the HTML that is made of it."""

from __future__ import annotations

import json
from datetime import timedelta

from django.utils import timezone

from accounts.models import User, Workspace
from templates_app import versions
from templates_app.blocks import documents
from templates_app.blocks.documents import Document, Unreadable
from templates_app.blocks.editing import NotPossible
from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.merging import MergeError, check
from templates_app.models import MessageTemplate
from templates_app.sanitising import Unsafe, sanitise

SITTING = timedelta(minutes=30)


def look_of(workspace: Workspace) -> Look:
    return Look(name=workspace.name)


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
    except (ValueError, RecursionError) as problem:
        raise problem if isinstance(problem, Unreadable) else Unreadable(str(problem)) from None


def keep(template: MessageTemplate, document: Document, *, by: User) -> None:
    """Write the document and its HTML to the template's row, which is locked. Raises NotPossible for a message that
    can't be sent: too large, or with more merge tags than a message may have."""
    _keep_earlier(template, by)
    template.html = html_of(document, template.workspace)
    template.document = document.as_json()
    template.revision += 1
    template.edited_by = by
    template.updated_at = timezone.now()
    template.save(update_fields=["html", "document", "revision", "edited_by", "updated_at"])


def _keep_earlier(template: MessageTemplate, by: User) -> None:
    """Keep as a version what was made before: by somebody else, or so long ago that it was another sitting, and nobody
    pressed Done."""
    is_of_another = template.edited_by_id not in (None, by.pk)
    is_old = timezone.now() - template.updated_at > SITTING
    if template.html and (is_of_another or is_old):
        versions.freeze(template, by=template.edited_by)


def html_of(document: Document, workspace: Workspace) -> str:
    """The HTML as it is sent. Raises NotPossible."""
    html = render(document, look_of(workspace), language_of(document, workspace))
    try:
        # Each block was cleaned when it was saved. The whole goes through the same gate as everybody's HTML.
        sanitised = sanitise(html).html
        check(sanitised, html=True)
    except (Unsafe, MergeError, ValueError) as problem:
        raise NotPossible(str(problem)) from None
    return sanitised
