"""The changes of one person, newest first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from contacts.changes.reading import COLUMNS, Change
from contacts.models import ContactChange
from kernel.tenancy import require_workspace_id

ABOVE_ALL_IDS = 2**63 - 1
WANTED = """id < %(before)s AND kind = ANY(%(kinds)s)
    AND (source, kind) NOT IN (SELECT * FROM unnest(%(sources)s::text[], %(source_kinds)s::text[]))"""
# A row may hold 16,384 ids: all but the person's stay in the database.
THEIRS = "ARRAY(SELECT p FROM unnest(%(people)s::bigint[]) p WHERE p = ANY(contact_ids)) AS contact_ids"
# The rows of one contact, and those of many whose block they are in. Materialized: with the LIMIT inside, PostgreSQL
# might walk through everybody's changes by their ids instead.
OF_PEOPLE = f"""
WITH found AS MATERIALIZED (
    SELECT {COLUMNS} FROM contacts_contactchange
    WHERE workspace_id = %(ws)s AND contact_id = ANY(%(people)s::bigint[]) AND {WANTED}
    UNION ALL
    SELECT {COLUMNS} FROM contacts_contactchange
    WHERE workspace_id = %(ws)s AND block = ANY(%(blocks)s::bigint[]) AND contact_ids && %(people)s::bigint[]
    AND {WANTED}
)
SELECT {COLUMNS.replace("contact_ids", THEIRS)} FROM found ORDER BY id DESC LIMIT %(most)s
"""  # noqa: S608


def of(
    people: list[int],
    *,
    kinds: Collection[str],
    but: Collection[tuple[str, str]] = (),
    before: int | None = None,
    most: int | None = None,
) -> list[Change]:
    """Changes of these kinds, but for those of `but`, pairs of (source, kind), with an id below `before`, of contacts
    of the active workspace. Each has only those of its `contact_ids` that are among `people`."""
    params: dict[str, Any] = {
        "ws": require_workspace_id(),
        "people": people,
        "blocks": sorted({pk >> ContactChange.BLOCK_BITS for pk in people}),
        "kinds": list(kinds),
        "sources": [source for source, _kind in but],
        "source_kinds": [kind for _source, kind in but],
        "before": ABOVE_ALL_IDS if before is None else before,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_PEOPLE, params)
        return [Change(*row) for row in cursor.fetchall()]
