"""The changes of one person, newest first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from contacts.changes.reading import COLUMNS, Change
from contacts.models import ContactChange
from kernel.tenancy import require_workspace_id

# The rows of one contact, and those of many whose block they are in. Materialized: with the LIMIT inside, PostgreSQL
# might walk through everybody's changes by their ids instead.
OF_PEOPLE = f"""
WITH found AS MATERIALIZED (
    SELECT {COLUMNS} FROM contacts_contactchange
    WHERE workspace_id = %(ws)s AND contact_id = ANY(%(people)s::bigint[]) AND kind = ANY(%(kinds)s)
    UNION ALL
    SELECT {COLUMNS} FROM contacts_contactchange
    WHERE workspace_id = %(ws)s AND block = ANY(%(blocks)s::bigint[]) AND contact_ids && %(people)s::bigint[]
    AND kind = ANY(%(kinds)s)
)
SELECT {COLUMNS} FROM found WHERE (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(most)s
"""  # noqa: S608


def of(
    people: list[int], *, kinds: Collection[str], before: int | None = None, most: int | None = None
) -> list[Change]:
    """Changes of these kinds with an id below `before`, of contacts of the active workspace."""
    params: dict[str, Any] = {
        "ws": require_workspace_id(),
        "people": people,
        "blocks": sorted({pk >> ContactChange.BLOCK_BITS for pk in people}),
        "kinds": list(kinds),
        "before": before,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_PEOPLE, params)
        return [Change(*row) for row in cursor.fetchall()]
