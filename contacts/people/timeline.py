"""Everything that happened to a contact, newest first: consent, notes, audit entries, imports, events, and what was
changed by them and by others. Messages are shown by delivery.

Six tables, each read by its own index from where the last page stopped. Rows of merged contacts are included.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.models import AuditEntry
from contacts.changes import describing, of_contact
from contacts.changes.reading import Change
from contacts.imports import effects
from contacts.models import Consent, Contact, ContactChange, ContactEvent, ContactImport, ImportedContacts, Note

PAGE_SIZE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MICROS = 10**17  # the year 5138; a cursor may say anything
Stored = Consent | Note | AuditEntry | ContactImport | ContactEvent
Row = Stored | Change
Kind = ContactChange.Kind
#: Changes that neither the ledger nor an audit entry tells.
SHOWN = (Kind.FIELD, Kind.TAGGED, Kind.UNTAGGED, Kind.LISTED, Kind.UNLISTED, Kind.BOUNCED, Kind.COMPLAINED)
#: Of fields that a member changed, the audit entry tells; of what merging moved, too.
TOLD_ELSEWHERE = {
    (ContactChange.Source.MEMBER, Kind.FIELD),
    *((ContactChange.Source.MERGE, kind) for kind in SHOWN),
}


@dataclass
class Event:
    """One thing that happened. `kind` says what `row` is: "consent", "note", "deed" (an audit entry), "import",
    "event" or "change"."""

    kind: str
    at: datetime
    row: Row
    of_merged: bool = False  # it happened to a contact that was merged into this one
    #: What an import did to the contact.
    effects: list[ImportedContacts.Effect] = field(default_factory=list)
    #: What was changed, and by what and whom, in words.
    what: str = ""
    source: str = ""
    actor: str = ""

    @property
    def pk(self) -> int:
        return self.row.id if isinstance(self.row, Change) else self.row.pk

    @property
    def change(self) -> str:
        """What a change did, in words."""
        return str(Kind(self.row.kind).label) if isinstance(self.row, Change) else ""


@dataclass
class Page:
    events: list[Event]
    older: str | None = None  # the cursor of the next page


def of(contact: Contact, cursor: str | None = None) -> Page:
    """The events before `cursor`. An invalid cursor gives the newest."""
    people = contact.ids_of_person
    before = _read(cursor)
    found = {kind: _rows(rows, before.get(kind)) for kind, rows in _sources(people).items()}
    found["event"] = _events(people, before)
    heads = [
        [Event(kind, _at(row), row, of_merged=_is_of_merged(row, contact)) for row in rows]
        for kind, rows in found.items()
    ]
    heads.append([Event("change", row.at, row) for row in _changes(people, before.get("change"))])
    # Within a source the order is that of the ids, because the cursor is made of them; but for events.
    events = list(heapq.merge(*heads, key=lambda event: event.at, reverse=True))
    shown = events[:PAGE_SIZE]
    _add_effects(shown, people)
    _add_words(shown, contact)
    if len(events) > PAGE_SIZE:
        last = before | {event.kind: event.pk for event in shown}
        if times := [event.at for event in shown if event.kind == "event"]:
            last["event_at"] = _micros(times[-1])
        return Page(shown, older=_write(last))
    return Page(shown)


def _sources(people: list[int]) -> dict:
    return {
        "consent": Consent.objects.filter(contact__in=people).select_related("actor", "topic"),
        "note": Note.objects.filter(contact__in=people).select_related("author"),
        "deed": AuditEntry.objects.filter(record="contact", record_id__in=people).select_related("actor"),
        "import": effects.imports_of(people).select_related("uploaded_by").defer("preview"),
    }


def _add_effects(events: list[Event], people: list[int]) -> None:
    imports = [event.pk for event in events if event.kind == "import"]
    found = effects.on(people, imports) if imports else {}
    for event in events:
        event.effects = found.get(event.pk, []) if event.kind == "import" else []


def _changes(people: list[int], before: int | None) -> list[Change]:
    """The next page of changes that are shown."""
    return of_contact.of(people, kinds=SHOWN, but=TOLD_ELSEWHERE, before=before, most=PAGE_SIZE + 1)


def _add_words(events: list[Event], contact: Contact) -> None:
    changes = [event.row for event in events if isinstance(event.row, Change)]
    words = describing.words_for(changes) if changes else None
    for event in events:
        if words is not None and isinstance(event.row, Change):
            event.what, event.source = words.what(event.row), words.source(event.row)
            event.actor = words.actor(event.row)
            event.of_merged = describing.of_merged(event.row, contact)


def _rows(rows: QuerySet, before: int | None) -> list:
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-id")[: PAGE_SIZE + 1])


def _events(people: list[int], before: dict[str, int]) -> list[ContactEvent]:
    """A person's events before the cursor, by their time: an import brings old ones in any order."""
    rows = ContactEvent.objects.filter(contact_id__in=people)
    if {"event", "event_at"} <= before.keys():
        at = EPOCH + timedelta(microseconds=min(before["event_at"], MAX_MICROS))
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=before["event"]))
    return list(rows.select_related("name").order_by("-at", "-id")[: PAGE_SIZE + 1])


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _at(row: Row) -> datetime:
    return (row.finished_at or row.uploaded_at) if isinstance(row, ContactImport) else row.at


def _is_of_merged(row: Stored, contact: Contact) -> bool:
    if isinstance(row, ContactImport):
        return False
    return (row.record_id if isinstance(row, AuditEntry) else row.contact_id) != contact.pk


def _write(position: dict[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _read(cursor: str | None) -> dict[str, int]:
    """The last id shown of each kind."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor or ""))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    if not isinstance(position, dict):
        return {}
    return {kind: n for kind, n in position.items() if isinstance(n, int) and 0 <= n < 2**63}
