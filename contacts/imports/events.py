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
from contacts.models.name_key import fold

# A merged contact stands for the one it was merged into. Nobody in the trash gets events.
FIND = """
SELECT c.{column}, p.id, p.email, p.external_id, p.deleted_at IS NOT NULL FROM contacts_contact c
JOIN contacts_contact p ON p.workspace_id = %(ws)s AND p.id = coalesce(c.merged_into_id, c.id)
WHERE c.workspace_id = %(ws)s AND c.{column} = ANY(%(texts)s)
"""
LOCK = """
SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id FOR KEY SHARE
"""
# To an order of which a chunk before has brought other items.
ADD_ITEMS = """
UPDATE contacts_contactevent e SET value = e.value + u.amount
FROM unnest(%(keys)s::uuid[], %(amounts)s::numeric[], %(currencies)s::text[]) AS u (key, amount, currency)
WHERE e.workspace_id = %(ws)s AND e.key = u.key AND e.import_id = %(import)s AND e.currency = u.currency
    AND abs(e.value + u.amount) < 1e12
"""
COUNTS = ("created", "updated", "skipped", "seen")


@dataclass
class Counted:
    """The rows by what becomes of them; and the keys and names of new events, which a forecast remembers."""

    counts: dict[str, int]
    rejected: dict[str, list[int]]
    events: list[NewEvent] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    # Rows with amounts of items of orders that this import has brought before.
    more_items: list[EventRow] = field(default_factory=list)
    # The folded names that can't be made, because the workspace has too many.
    refused_names: set[str] = field(default_factory=set)


def write(
    cursor: CursorWrapper, contact_import: ContactImport, rows: list[EventRow]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """(counts, numbers of the rejected rows by reason). Raises IntegrityError if somebody was merged a moment ago."""
    workspace_id = contact_import.workspace_id
    ids = set(_people(cursor, workspace_id, rows).ids.values())
    # Until the end of the transaction, nobody of them is erased or merged.
    cursor.execute(LOCK, {"ws": workspace_id, "ids": sorted(ids)})
    cursor.fetchall()
    people = _people(cursor, workspace_id, rows)
    if not set(people.ids.values()) <= ids:
        raise IntegrityError("somebody was merged meanwhile")
    writing.lock(cursor, workspace_id)  # after the contacts, as every writer does it
    found = count(cursor, contact_import, rows, people=people)
    source = ContactEvent.Source.IMPORT
    writing.insert(cursor, workspace_id, found.events, source=source, import_id=contact_import.pk)
    _add_items(cursor, contact_import, found.more_items)
    return found.counts, found.rejected


def count(
    cursor: CursorWrapper,
    contact_import: ContactImport,
    rows: list[EventRow],
    *,
    people: People | None = None,
    seen: Callable[[list[UUID]], set[UUID]] = lambda keys: set(),
    planned: Iterable[str] = (),
) -> Counted:
    """What becomes of the rows. `people`: whom they are about, if that is known. For a forecast,
    `seen` says which keys its earlier rows had, and `planned` are the folded names that these will make."""
    workspace_id = contact_import.workspace_id
    if people is None:
        people = _people(cursor, workspace_id, rows)
    known = writing.known(cursor, workspace_id, [row.key for row in rows])
    earlier = seen([row.key for row in rows])
    found = Counted(dict.fromkeys(COUNTS, 0), {})
    new = []
    for row in rows:
        if reason := people.refused.get(row.number):
            found.rejected.setdefault(reason, []).append(row.number)
        elif row.key in earlier or known.get(row.key) == contact_import.pk:
            found.counts["seen"] += 1
            found.more_items += [row] if row.is_item else []
        elif row.key in known:
            found.counts["skipped"] += 1
        else:
            new.append(row)
    refused, found.names = writing.too_many(cursor, workspace_id, {row.name for row in new}, set(planned))
    for row in new:
        if row.name in refused:
            found.refused_names.add(fold(row.name))
            found.rejected.setdefault("event_names", []).append(row.number)
        else:
            found.counts["created"] += 1
            found.events.append(_new(row, people.ids[row.number]))
    return found


def _add_items(cursor: CursorWrapper, contact_import: ContactImport, rows: list[EventRow]) -> None:
    if not rows:
        return
    cursor.execute(
        ADD_ITEMS,
        {
            "ws": contact_import.workspace_id,
            "import": contact_import.pk,
            "keys": [row.key for row in rows],
            "amounts": [row.value for row in rows],
            "currencies": [row.currency for row in rows],
        },
    )


def _new(row: EventRow, contact_id: int) -> NewEvent:
    return NewEvent(contact_id, row.name, row.at, row.key, row.value, row.currency, dict(row.properties))


@dataclass(frozen=True)
class _Person:
    """A contact that a row may be about."""

    pk: int
    email: str | None
    external_id: str | None
    in_trash: bool


@dataclass
class People:
    """By row number, the contact that a row is about, or the reason why it is about none."""

    ids: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def _people(cursor: CursorWrapper, workspace_id: int, rows: list[EventRow]) -> People:
    by_number = _find(cursor, workspace_id, "external_id", {row.external_id for row in rows if row.external_id})
    by_email = _find(cursor, workspace_id, "email", {row.email for row in rows if row.email})
    found = People()
    for row in rows:
        numbered, addressed = by_number.get(row.external_id or ""), by_email.get(row.email or "")
        person = numbered or addressed
        if reason := _why_nobody(row, numbered, addressed):
            found.refused[row.number] = reason
        elif person:
            found.ids[row.number] = person.pk
    return found


def _why_nobody(row: EventRow, numbered: _Person | None, addressed: _Person | None) -> str:
    """Why the row is about neither the contact with its customer number nor the one with its address: an order must not
    go to somebody else because one of the two is wrong. Empty if it is about one of them."""
    person = numbered or addressed
    if person is None:
        return "unknown_contact"
    if numbered and addressed and numbered.pk != addressed.pk:
        return "conflict"
    if numbered is None and row.external_id and person.external_id:
        return "other_number"
    if addressed is None and row.email and person.email:
        return "other_address"
    return "in_trash" if person.in_trash else ""


def _find(cursor: CursorWrapper, workspace_id: int, column: str, texts: set[str]) -> dict[str, _Person]:
    if not texts:
        return {}
    cursor.execute(FIND.format(column=column), {"ws": workspace_id, "texts": sorted(texts)})
    return {text: _Person(*person) for text, *person in cursor.fetchall()}
