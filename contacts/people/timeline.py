"""Everything that happened to a contact, newest first: consent, notes, audit entries. Messages are shown by delivery.

Three tables, each read by its own index from where the last page stopped. Rows of merged contacts are included.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import AuditEntry
from contacts.models import Consent, Contact, ContactImport, Note

PAGE_SIZE = 30
Row = Consent | Note | AuditEntry


@dataclass
class Event:
    """One thing that happened. `kind` says what `row` is: "consent", "note" or "deed" (an audit entry)."""

    kind: str
    at: datetime
    row: Row
    of_merged: bool = False  # it happened to a contact that was merged into this one


@dataclass
class Page:
    events: list[Event]
    older: str | None = None  # the cursor of the next page
    #: The import that created the contact. Set only on the last page.
    brought_by: ContactImport | None = None


def of(contact: Contact, cursor: str | None = None) -> Page:
    """The events before `cursor`. An invalid cursor gives the newest."""
    people = contact.ids_of_person
    before = _read(cursor)
    heads = [
        [Event(kind, row.at, row, of_merged=_contact_id(row) != contact.pk) for row in _rows(rows, before.get(kind))]
        for kind, rows in _sources(people).items()
    ]
    # Within a source the order is that of the ids, because the cursor is made of them.
    events = list(heapq.merge(*heads, key=lambda event: event.at, reverse=True))
    shown = events[:PAGE_SIZE]
    if len(events) > PAGE_SIZE:
        last = before | {event.kind: event.row.pk for event in shown}
        return Page(shown, older=_write(last))
    brought_by = ContactImport.objects.filter(pk=contact.import_id).first() if contact.import_id else None
    return Page(shown, brought_by=brought_by)


def _sources(people: list[int]) -> dict:
    return {
        "consent": Consent.objects.filter(contact__in=people).select_related("actor", "topic"),
        "note": Note.objects.filter(contact__in=people).select_related("author"),
        "deed": AuditEntry.objects.filter(record="contact", record_id__in=people).select_related("actor"),
    }


def _rows(rows: QuerySet, before: int | None) -> list:
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-id")[: PAGE_SIZE + 1])


def _contact_id(row: Row) -> int | None:
    return row.record_id if isinstance(row, AuditEntry) else row.contact_id


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
