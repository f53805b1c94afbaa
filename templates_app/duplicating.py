"""A new template that says what another one says."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from templates_app.models import MessageTemplate


def copy_of(template: MessageTemplate, *, name: str, by: User, **fields: Any) -> MessageTemplate:
    """The copy, without versions. `fields`: what it has of its own."""
    said = {
        "channel": template.channel,
        "kind": template.kind,
        "category": template.category,
        "document": template.document,
        "html": template.html,
        "text": template.text,
    }
    return MessageTemplate.objects.create(**said | {"name": name[:120], "created_by": by} | fields)
