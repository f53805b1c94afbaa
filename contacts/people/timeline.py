"""Everything that happened to a contact, newest first: consent, notes, audit entries, imports, events, and what was
changed by them and by others. Messages are shown by delivery. A change of consent stands where it was recorded,
whatever day it is about.

Six tables, each read by its own index from where the last page stopped. Rows of merged contacts are included.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import AuditEntry
from contacts.changes import describing, of_contact
from contacts.changes.reading import Change
from contacts.imports import effects
from contacts.models import (
    Consent,
    Contact,
    ContactChange,
    ContactEvent,
    ContactField,
    ContactImport,
    ImportedContacts,
    Note,
)

PAGE_SIZE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BY_TIME = ("import", "event")  # the kinds that are read in the order of their times
MAX_MICROS = 10**17  # the year 5138; a cursor may say anything
Stored = Consent | Note | AuditEntry | ContactImport | ContactEvent
Row = Stored | Change | Contact  # a contact: that it was added
Kind = ContactChange.Kind
#: Changes that neither the ledger nor an audit entry tells.
SHOWN = (Kind.FIELD, Kind.TAGGED, Kind.UNTAGGED, Kind.LISTED, Kind.UNLISTED, Kind.BOUNCED, Kind.COMPLAINED)
#: Of fields that a member changed, the audit entry tells; of what merging moved, too.
TOLD_ELSEWHERE = {
    (ContactChange.Source.MEMBER, Kind.FIELD),
    *((ContactChange.Source.MERGE, kind) for kind in SHOWN),
}
#: Audit entries of which the ledger, or the survivor's entry, tells more.
TOLD_BETTER = ("contact.consented", "contact.unsubscribed", "contact.merged_away")
#: What a member edits, of which changes tell which tag and which list.
TOLD_BY_CHANGES = ("tags", "lists")
OWN = "own_"  # before the name of an own field, in audit entries


@dataclass(eq=False)
class Event:
    """One thing that happened. `kind` says what `row` is: "consent", "note", "deed" (an audit entry), "import",
    "event", "change" or "added"."""

    kind: str
    at: datetime  # where it stands; of a consent, its row says what is shown
    row: Row
    of_merged: bool = False  # it happened to a contact that was merged into this one
    #: What an import did to the contact.
    effects: list[ImportedContacts.Effect] = field(default_factory=list)
    #: What was changed, and by what and whom, in words.
    what: str = ""
    source: str = ""
    actor: str = ""
    #: The import that brought it.
    file: ContactImport | None = None

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
    #: What the own fields are called that its audit entries name.
    labels: dict[str, str]
    older: str | None = None  # the cursor of the next page


def of(contact: Contact, cursor: str | None = None) -> Page:
    """The events before `cursor`. An invalid cursor gives the newest."""
    people = contact.ids_of_person
    before = _read(cursor)
    found = {kind: _rows(rows, before.get(kind)) for kind, rows in _by_id(people).items()}
    found |= {kind: _rows_by_time(rows, kind, before) for kind, rows in _by_time(people).items()}
    heads = [
        [
            Event(kind, at, row, of_merged=_is_of_merged(row, contact))
            for at, row in zip(_times(rows, people), rows, strict=True)
        ]
        for kind, rows in found.items()
    ]
    heads.append([Event("change", row.at, row) for row in _changes(people, before.get("change"))])
    heads.append([Event("added", contact.created_at, contact)] if "added" not in before else [])
    events = list(heapq.merge(*heads, key=lambda event: event.at, reverse=True))
    shown = events[:PAGE_SIZE]
    _add_effects(shown, people)
    _add_words(shown, contact)
    _add_files(shown)
    if len(events) > PAGE_SIZE:
        last = before | {event.kind: event.pk for event in shown}
        last |= {f"{event.kind}_at": _micros(event.at) for event in shown if event.kind in BY_TIME}
        return Page(shown, _labels(shown), older=_write(last))
    return Page(shown, _labels(shown))


def _by_id(people: list[int]) -> dict:
    """What is in the order of its ids, because it is written when it happens."""
    return {
        "consent": Consent.objects.filter(contact__in=people).select_related("actor", "topic"),
        "note": Note.objects.filter(contact__in=people).select_related("author"),
        "deed": _deeds(people),
    }


def _deeds(people: list[int]) -> QuerySet[AuditEntry]:
    """The audit entries that nothing else tells. An opt-out that was there already has no row in the ledger."""
    told_by_changes = Q(
        verb="contact.changed",
        at__gt=_changes_since(),
        detail__has_key="fields",
        detail__fields__contained_by=list(TOLD_BY_CHANGES),
    )
    entries = AuditEntry.objects.filter(record="contact", record_id__in=people)
    told = entries.filter(~Q(verb__in=TOLD_BETTER) | Q(detail__recorded=False))
    return told.exclude(told_by_changes & ~Q(detail__fields=[])).select_related("actor")


def _by_time(people: list[int]) -> dict:
    """What may come in any order: an import brings old events, and a short import ends before a long one."""
    imports = effects.imports_of(people).select_related("uploaded_by").defer("preview")
    return {
        "import": imports.annotate(at=Coalesce("finished_at", "uploaded_at")),
        "event": ContactEvent.objects.filter(contact_id__in=people).select_related("name"),
    }


def _add_effects(events: list[Event], people: list[int]) -> None:
    imports = [event.pk for event in events if event.kind == "import"]
    found = effects.on(people, imports) if imports else {}
    for event in events:
        event.effects = found.get(event.pk, []) if event.kind == "import" else []


def _add_files(events: list[Event]) -> None:
    """Which file a consent or something that happened came from."""
    brought = {event: event.row.import_id for event in events if isinstance(event.row, Consent | ContactEvent)}
    wanted = {pk for pk in brought.values() if pk}
    found = ContactImport.objects.filter(pk__in=wanted).only("name").in_bulk() if wanted else {}
    for event, pk in brought.items():
        event.file = found.get(pk)


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


def _labels(events: list[Event]) -> dict[str, str]:
    """Also of fields that were deleted meanwhile."""
    changed = [name for event in events if isinstance(event.row, AuditEntry) for name in changed_fields(event.row)]
    own = {name.removeprefix(OWN) for name in changed if name.startswith(OWN)}
    found = ContactField.objects.filter(name__in=own).values_list("name", "label") if own else ()
    return {f"{OWN}{name}": label for name, label in found}


def changed_fields(entry: AuditEntry) -> list[str]:
    """The fields that an edit changed, without those of which changes tell more."""
    changed = entry.detail.get("fields") or []
    return [name for name in changed if name not in TOLD_BY_CHANGES] if entry.at > _changes_since() else changed


def _changes_since() -> datetime:
    return timezone.now() - timedelta(days=settings.CHANGE_DAYS)


def _rows(rows: QuerySet, before: int | None) -> list:
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-id")[: PAGE_SIZE + 1])


def _times(rows: Sequence[Stored], people: list[int]) -> list[datetime]:
    """Where the rows stand, the newest first: when they were written.

    Old consents don't say when they were recorded, only the day they are about: not before the ones below them.
    """
    times: list[datetime] = []
    latest = _latest_of_older(rows, people)
    for row in reversed(rows):
        at = (row.recorded_at or row.at) if isinstance(row, Consent) else row.at  # type: ignore[union-attr]  # annotated
        latest = max(at, latest) if latest else at
        times.append(latest)
    return times[::-1]


def _latest_of_older(rows: Sequence[Stored], people: list[int]) -> datetime | None:
    """The latest day that the consents on older pages are about, which none of `rows` stands before. None where the
    oldest of `rows` says when it was recorded, or is no consent."""
    oldest = rows[-1] if rows else None
    if not isinstance(oldest, Consent) or oldest.recorded_at:
        return None
    older = Consent.objects.filter(contact__in=people, recorded_at=None, pk__lt=oldest.pk)
    return older.aggregate(latest=Max("at"))["latest"]


def _rows_by_time(rows: QuerySet, kind: str, before: dict[str, int]) -> list:
    if {kind, f"{kind}_at"} <= before.keys():
        at = EPOCH + timedelta(microseconds=min(before[f"{kind}_at"], MAX_MICROS))
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=before[kind]))
    return list(rows.order_by("-at", "-id")[: PAGE_SIZE + 1])


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


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
