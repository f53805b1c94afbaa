"""Reads one row of a file of events: who, what, when, perhaps for how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contacts.contact_events import limits
from contacts.contact_events.writing import key_of
from contacts.fields import nothing
from contacts.imports import contact_rows, event_headings, headings
from contacts.imports.consent_rows import ConsentColumns
from contacts.imports.delimited import Cells
from contacts.imports.reasons import BadRow, LeftOut, Note, readable, refuse_undecoded
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactEvent, ContactImport
from contacts.models.name_key import fold

IDENTITIES = ("email", "external_id")
#: Columns that go into an event's properties, each under its heading.
PROPERTY = "event_property"
MAX_TEXT_LENGTH = 500


@dataclass(slots=True)
class EventRow:
    number: int
    email: str | None
    external_id: str | None
    name: str
    at: datetime
    key: UUID
    value: Decimal | None = None
    currency: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def merge_later(self, later: EventRow) -> None:
        """Leave the row as it is: the later one is the same event."""


def row_reader(settings: RunSettings) -> Callable[[int, Cells], EventRow]:
    """A function (number, cells) -> EventRow that raises BadRow."""
    read_person = contact_rows.row_reader(_of_people(settings))
    columns = {meaning: n for n, meaning in enumerate(settings.mapping) if meaning and meaning != PROPERTY}
    names = _property_names(settings)

    def read_row(number: int, cells: Cells) -> EventRow:
        try:
            person = read_person(number, cells)
        except BadRow as problem:  # a phone number would not do here
            raise BadRow("no_person" if str(problem) == "no_identity" else str(problem)) from None
        texts = readable(cells)

        def cell(meaning: str) -> str:
            column = columns.get(meaning, len(texts))
            text = texts[column].strip() if column < len(texts) else ""
            return "" if text in nothing.WORDS else text

        if headings.fold(cell("event_status")) in event_headings.CAME_TO_NOTHING:
            raise BadRow("event_status")
        try:
            return _event(settings, person, cell, *_properties(names, texts))
        except limits.BadEvent as problem:
            raise BadRow(str(problem)) from None

    return read_row


def _property_names(settings: RunSettings) -> dict[int, str]:
    """By column, the name of the property: its heading. Of several with the same one, the later have their number."""
    names: dict[int, str] = {}
    for column, meaning in enumerate(settings.mapping):
        if meaning != PROPERTY:
            continue
        name = settings.heading_of(column)[: limits.MAX_PROPERTY_NAME_LENGTH]
        if name in names.values():
            number = f" ({column + 1})"
            name = name[: limits.MAX_PROPERTY_NAME_LENGTH - len(number)] + number
        names[column] = name
    return names


def _of_people(settings: RunSettings) -> RunSettings:
    """The settings by which the person of a row is read: only addresses and customer numbers, blocked or not."""
    mapping = [meaning if meaning in IDENTITIES else "" for meaning in settings.mapping]
    return replace(
        settings,
        target=ContactImport.Target.CONTACTS,
        mapping=mapping,
        blocked_domains=frozenset(),
        clear_empty=False,
        consent=ConsentColumns(),
    )


def _event(
    settings: RunSettings,
    person: Row,
    cell: Callable[[str], str],
    properties: dict[str, str],
    notes: tuple[Note, ...],
) -> EventRow:
    """Raises BadEvent."""
    if settings.event is None:
        raise ValueError("These are no settings of a file of events.")
    if not (time := cell("event_time")):
        raise limits.BadEvent("event_no_time")
    name = limits.name(cell("event_name") or settings.event.name)
    at = settings.event.time(time)
    value, currency = settings.event.value(cell("event_value"), cell("event_currency"))
    # In the key the name is folded as in the database: what is one event there, is one in the next file, too.
    source, folded, number = ContactEvent.Source.IMPORT, fold(name), cell("event_number")
    if number:
        key = key_of(source, folded, number)
    else:
        who = person.external_id or person.email
        key = key_of(source, folded, "", who, at.timestamp(), value, currency, *sorted(properties.items()))
    return EventRow(
        person.number,
        person.email,
        person.external_id,
        name,
        at,
        key,
        value,
        currency,
        dict(limits.properties(properties)),
        person.notes + notes,
    )


def _properties(names: dict[int, str], cells: list[str]) -> tuple[dict[str, str], tuple[Note, ...]]:
    """(the properties that the row has, notes on those that are left out)."""
    found: dict[str, str] = {}
    notes: list[Note] = []
    for column, name in names.items():
        text = cells[column].strip() if column < len(cells) else ""
        if not text or text in nothing.WORDS:
            continue
        try:
            refuse_undecoded(text)
            if len(text) > MAX_TEXT_LENGTH:
                raise LeftOut("too_long")
        except LeftOut as problem:
            notes.append((column, str(problem), text))
        else:
            found[name] = text
    return found, tuple(notes)
