"""The workspace's own fields: what would be lost by changing one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection

from contacts.fields import values
from contacts.models import ContactField

#: With more values than this, a field keeps its kind.
MOST_VALUES = 10_000


@dataclass
class Change:
    """What another kind, or other choices, would do to the values there are."""

    kept: dict[int, object]  # contact id: the value under the new kind
    misfits: list[str]
    too_many: bool = False


def look(own: ContactField, *, kind: str, choices: list[str], workspace) -> Change:
    """Read every value there is as one of the new kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.attributes -> %(name)s FROM contacts_contact c WHERE c.workspace_id = %(ws)s "
            "AND jsonb_exists(c.attributes, %(name)s) LIMIT %(most)s",
            {"name": own.name, "ws": own.workspace_id, "most": MOST_VALUES + 1},
        )
        rows = [(contact_id, json.loads(raw) if isinstance(raw, str) else raw) for contact_id, raw in cursor.fetchall()]
    if len(rows) > MOST_VALUES:
        return Change({}, [], too_many=True)
    read = values.reader(kind, choices=choices, **values.conventions(workspace))
    kept, misfits = {}, []
    for contact_id, value in rows:
        try:
            kept[contact_id] = read(written(value))
        except values.BadValue:
            misfits.append(written(value))
    return Change(kept, misfits)


def written(value) -> str:
    """A kept value as text that every kind can try to read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def rewrite(own: ContactField, kept: dict[int, object]) -> None:
    """Write the values as what they are under the new kind, in one statement."""
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
