"""Deletes names of events that nothing uses: a workspace has room for a limited number of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from contacts.contact_events import writing
from contacts.models.contact_event import BUILT_IN

# A segment in the trash may come back, so what it asks for counts as used. The subjects are those of
# `segments.event_conditions`.
DELETE = """
DELETE FROM contacts_eventname n
WHERE n.workspace_id = %(ws)s AND n.id = ANY(%(ids)s::bigint[]) AND n.name <> ALL(%(built_in)s::text[])
  AND NOT EXISTS (SELECT FROM contacts_contactevent e WHERE e.workspace_id = %(ws)s AND e.name_id = n.id)
  AND NOT EXISTS (
    SELECT FROM contacts_segment s CROSS JOIN LATERAL jsonb_path_query(s.definition, '$.**.on') AS asked (subject)
    WHERE s.workspace_id = %(ws)s
      AND asked.subject #>> '{}' IN ('event:' || n.name, 'first_event:' || n.name, 'last_event:' || n.name))
"""


def delete(cursor: CursorWrapper, workspace_id: int, ids: Iterable[int]) -> int:
    """Delete those of the names that have no events and stand in no segment; returns how many. Until the end of the
    transaction, nobody brings events from outside: one could get a name that is gone."""
    writing.lock(cursor, workspace_id)
    cursor.execute(DELETE, {"ws": workspace_id, "ids": list(ids), "built_in": list(BUILT_IN)})
    return cursor.rowcount
