"""Changes the kind or the choices of one of the workspace's own fields, without losing a value."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection

from accounts.models import Workspace
from contacts.fields import values
from contacts.models import ContactField

#: The kind of a field with more values than this can't be changed.
MAX_VALUES = 10_000


@dataclass
class Change:
    """The effect of another kind, or of other choices, on the existing values."""

    kept: dict[int, object]  # by contact id, the value under the new kind
    misfits: list[str]  # values that don't fit the new kind
    too_many: bool = False


def preview_change(own: ContactField, *, kind: str, choices: list[str], workspace: Workspace) -> Change:
    """Read every existing value as one of the new kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.attributes -> %(name)s FROM contacts_contact c WHERE c.workspace_id = %(ws)s "
            "AND jsonb_exists(c.attributes, %(name)s) LIMIT %(limit)s",
            {"name": own.name, "ws": own.workspace_id, "limit": MAX_VALUES + 1},
        )
        rows = [(contact_id, json.loads(raw) if isinstance(raw, str) else raw) for contact_id, raw in cursor.fetchall()]
    if len(rows) > MAX_VALUES:
        return Change({}, [], too_many=True)
    read = values.reader(kind, choices=choices, **values.conventions(workspace))
    kept: dict[int, object] = {}
    misfits: list[str] = []
    for contact_id, value in rows:
        try:
            kept[contact_id] = read(as_text(value))
        except values.BadValue:
            misfits.append(as_text(value))
    return Change(kept, misfits)


def as_text(value: object) -> str:
    """A stored value as text that every kind can try to read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def rewrite(own: ContactField, kept: dict[int, object]) -> None:
    """Store the values under the new kind, in one statement."""
    if not kept:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_contact c SET attributes = jsonb_set(c.attributes, ARRAY[%(name)s], n.value), "
            "updated_at = now() FROM unnest(%(ids)s::bigint[], %(values)s::jsonb[]) AS n(id, value) "
            "WHERE c.workspace_id = %(ws)s AND c.id = n.id",
            {
                "name": own.name,
                "ws": own.workspace_id,
                "ids": [*kept],
                "values": [json.dumps(value) for value in kept.values()],
            },
        )
