"""Writes a chunk's events to the contacts they are about, and counts them for a forecast. No contact is created: an
order proves nobody's consent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper

from contacts.contact_events import writing
from contacts.contact_events.writing import NewEvent
from contacts.imports.event_rows import EventRow
from contacts.models import ContactEvent, ContactImport

# A merged contact stands for the one it was merged into. Nobody in the trash gets events.
FIND = """
SELECT c.{column}, coalesce(t.id, c.id) FROM contacts_contact c
LEFT JOIN contacts_contact t ON t.workspace_id = %(ws)s AND t.id = c.merged_into_id
WHERE c.workspace_id = %(ws)s AND c.{column} = ANY(%(texts)s)
  AND CASE WHEN c.merged_into_id IS NULL THEN c.deleted_at IS NULL ELSE t.deleted_at IS NULL END
"""
LOCK = """
SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id FOR KEY SHARE
"""
COUNTS = ("created", "updated", "skipped", "seen")


@dataclass
class Counted:
    """The rows by what becomes of them; and the keys and names of new events, which a forecast remembers."""

    counts: dict[str, int]
    rejected: dict[str, list[int]]
    events: list[NewEvent] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def write(
    cursor: CursorWrapper, contact_import: ContactImport, rows: list[EventRow]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """(counts, numbers of the rejected rows by reason). Raises IntegrityError if somebody was merged a moment ago."""
    workspace_id = contact_import.workspace_id
    ids = set(_people(cursor, workspace_id, rows).values())
    # Until the end of the transaction, nobody of them is erased or merged.
    cursor.execute(LOCK, {"ws": workspace_id, "ids": sorted(ids)})
    cursor.fetchall()
    people = _people(cursor, workspace_id, rows)
    if not set(people.values()) <= ids:
        raise IntegrityError("somebody was merged meanwhile")
    writing.lock(cursor, workspace_id)  # after the contacts, as every writer does it
    found = count(cursor, contact_import, rows, people=people)
    source = ContactEvent.Source.IMPORT
    writing.insert(cursor, workspace_id, found.events, source=source, import_id=contact_import.pk)
    return found.counts, found.rejected


def count(
    cursor: CursorWrapper,
    contact_import: ContactImport,
    rows: list[EventRow],
    *,
    people: dict[int, int] | None = None,
    seen: Callable[[list[UUID]], set[UUID]] = lambda keys: set(),
    planned: Iterable[str] = (),
) -> Counted:
    """What becomes of the rows. `people`: the ids of their contacts by row number, if they are known. For a forecast,
    `seen` says which keys its earlier rows had, and `planned` are the folded names that these will make."""
    workspace_id = contact_import.workspace_id
    if people is None:
        people = _people(cursor, workspace_id, rows)
    known = writing.known(cursor, workspace_id, [row.key for row in rows])
    earlier = seen([row.key for row in rows])
    found = Counted(dict.fromkeys(COUNTS, 0), {})
    new = []
    for row in rows:
        if row.number not in people:
            found.rejected.setdefault("unknown_contact", []).append(row.number)
        elif row.key in earlier or known.get(row.key) == contact_import.pk:
            found.counts["seen"] += 1
        elif row.key in known:
            found.counts["skipped"] += 1
        else:
            new.append(row)
    refused, found.names = writing.too_many(cursor, workspace_id, {row.name for row in new}, set(planned))
    for row in new:
        if row.name in refused:
            found.rejected.setdefault("event_names", []).append(row.number)
        else:
            found.counts["created"] += 1
            found.events.append(_new(row, people[row.number]))
    return found


def _new(row: EventRow, contact_id: int) -> NewEvent:
    return NewEvent(contact_id, row.name, row.at, row.key, row.value, row.currency, dict(row.properties))


def _people(cursor: CursorWrapper, workspace_id: int, rows: list[EventRow]) -> dict[int, int]:
    """By row number the id of the contact: with the customer number, else with the e-mail address."""
    by_number = _find(cursor, workspace_id, "external_id", {row.external_id for row in rows if row.external_id})
    by_email = _find(cursor, workspace_id, "email", {row.email for row in rows if row.email})
    found = {}
    for row in rows:
        contact_id = by_number.get(row.external_id or "") or by_email.get(row.email or "")
        if contact_id is not None:
            found[row.number] = contact_id
    return found


def _find(cursor: CursorWrapper, workspace_id: int, column: str, texts: set[str]) -> dict[str, int]:
    if not texts:
        return {}
    cursor.execute(FIND.format(column=column), {"ws": workspace_id, "texts": sorted(texts)})
    return dict(cursor.fetchall())
