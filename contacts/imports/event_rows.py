"""Reads one row of a file of events: who, what, when, perhaps for how much."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from contacts.contact_events import limits
from contacts.contact_events.writing import key_of
from contacts.fields import nothing, values
from contacts.imports import contact_rows, event_headings
from contacts.imports.consent_rows import ConsentColumns
from contacts.imports.delimited import Cells
from contacts.imports.event_reading import EventReading
from contacts.imports.reasons import BadRow, LeftOut, Note, readable, refuse_undecoded
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactEvent, ContactImport
from contacts.models.name_key import fold

IDENTITIES = ("email", "external_id")
#: (meaning of a column) -> its text, or "" where it has none.
Cell = Callable[[str], str]
#: Columns that go into an event's properties, each under its heading.
PROPERTY = "event_property"
#: Columns that say what became of an order.
ENDS = frozenset({"event_status", "event_cancelled"})
#: Columns with amounts. Where there is a total, the amounts of single items are not needed.
AMOUNTS = frozenset({"event_value", "event_item_value"})
#: What the next lines of an order need not repeat, as in Shopify's and Squarespace's files.
_OF_FIRST_LINE = ("email", "external_id", "event_time", "event_clock", "event_zone", "event_name", "event_currency")
MAX_TEXT_LENGTH = 500
_QUANTITY = re.compile(r"-?\d{1,6}(?:[.,]\d{1,4})?")
_DIGIT = re.compile(r"\d")
_ZEROS = re.compile(r"[0:./ TZ-]*")
MAX_CAME_TO_NOTHING = 100_000  # events of which their status is remembered for their next lines
SOURCE = ContactEvent.Source.IMPORT


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
    # Whether the value is that of one item, to be added to those of the other rows with this key.
    is_item: bool = False
    # (column, cell) of the value.
    amount: tuple[int, str] = (0, "")

    def merge_later(self, later: EventRow) -> None:
        """Take the later row as another line of the same event. Amounts of items are added up; an amount that repeats
        is the total; of two different totals, the first is kept, and a note says so. Raises BadRow."""
        if later.value is None:
            return
        if self.value is None:
            self.value, self.currency, self.is_item = later.value, later.currency, later.is_item
        elif self.is_item:
            self.value = _sum(self, later)
        elif (later.value, later.currency) != (self.value, self.currency):
            later.notes += ((later.amount[0], "event_other_amount", later.amount[1]),)


class RowReader:
    """(number, cells) -> EventRow; raises BadRow. One reader reads all rows of a file in their order: the status of an
    order with several lines stands only on the first, as Shopify writes it, so a line without one takes that of the
    event with its number. Where a line leaves out who or when, those of the line above with its number are meant."""

    def __init__(self, settings: RunSettings):
        self._settings = settings
        self._read_person = contact_rows.row_reader(_of_people(settings))
        self._columns = {meaning: n for n, meaning in enumerate(settings.mapping) if meaning and meaning != PROPERTY}
        self._names = _property_names(settings)
        # The keys of events that came to nothing. The lines of an order stand near each other, so the latest will do,
        # and memory does not grow with the file.
        self._came_to_nothing: OrderedDict[UUID, None] = OrderedDict()
        # The row above, as it is read.
        self._above: list[str] = []

    def __call__(self, number: int, cells: Cells) -> EventRow:
        cells = self._filled(cells)
        came_to_nothing = self._is_of_nothing(cells)
        if isinstance(cells, list) and self._is_footer(self._cell_of(cells)):
            raise BadRow("event_footer")
        try:
            person = self._read_person(number, cells)
        except BadRow as problem:  # a phone number would not do here
            raise BadRow("no_person" if str(problem) == "no_identity" else str(problem)) from None
        if came_to_nothing:
            raise BadRow("event_status")
        texts = readable(cells)
        try:
            return _event(self._settings, person, self._cell_of(texts), *_properties(self._names, texts))
        except limits.BadEvent as problem:
            raise BadRow(str(problem)) from None

    def look_at(self, cells: Cells) -> bool:
        """Take a row that an earlier run has read, for what it says about the next ones: whether its event came to
        nothing."""
        return self._is_of_nothing(self._filled(cells))

    def _filled(self, cells: Cells) -> Cells:
        """The row, with what it leaves out from the row above if that has the same number."""
        if "event_number" not in self._columns or not isinstance(cells, list):
            return cells
        cell, above = self._cell_of(cells), self._cell_of(self._above)
        number, filled = cell("event_number"), list(cells)
        if number and number == above("event_number"):
            has_person = any(map(cell, IDENTITIES))
            for meaning in _OF_FIRST_LINE[len(IDENTITIES) if has_person else 0 :]:
                if (text := above(meaning)) and not cell(meaning):
                    _put(filled, self._columns[meaning], text)
        self._above = filled
        return filled

    @staticmethod
    def _is_footer(cell: Cell) -> bool:
        """Whether the row says neither who nor when, as the sums or a note at the end of a file."""
        return not any(map(cell, IDENTITIES)) and not _DIGIT.search(cell("event_time"))

    def _is_of_nothing(self, cells: Cells) -> bool:
        """Whether the row's event came to nothing, as this row or the last one with its number says."""
        if ENDS.isdisjoint(self._columns) or not isinstance(cells, list):
            return False
        cell = self._cell_of(cells)
        came_to_nothing, key = self._end_of(cell), _key_of_number(self._settings, cell)
        if came_to_nothing is None:
            return key in self._came_to_nothing
        if key:
            self._remember(key, came_to_nothing=came_to_nothing)
        return came_to_nothing

    def _end_of(self, cell: Cell) -> bool | None:
        """Whether the event came to nothing as this row says; None if it says nothing about that."""
        if _is_day_or_yes(cell("event_cancelled")):
            return True
        status = cell("event_status")
        return event_headings.came_to_nothing(status, self._settings.headings) if status else None

    def _remember(self, key: UUID, *, came_to_nothing: bool) -> None:
        self._came_to_nothing.pop(key, None)
        if came_to_nothing:
            self._came_to_nothing[key] = None
        if len(self._came_to_nothing) > MAX_CAME_TO_NOTHING:
            self._came_to_nothing.popitem(last=False)

    def _cell_of(self, texts: list[str]) -> Cell:
        def cell(meaning: str) -> str:
            column = self._columns.get(meaning, len(texts))
            text = texts[column].strip() if column < len(texts) else ""
            return "" if text in nothing.WORDS else text

        return cell


def _put(cells: list[str], column: int, text: str) -> None:
    """Set a cell, also of a row that is too short."""
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = text


def _sum(one: EventRow, other: EventRow) -> Decimal:
    """The amounts of two items of one order. Raises BadRow if they are in two currencies or too large."""
    currency = one.currency if one.currency == other.currency else ""
    try:
        value, _currency = limits.value((one.value or 0) + (other.value or 0), currency)
        return value or Decimal(0)
    except limits.BadEvent as problem:
        raise BadRow(str(problem)) from None


def _is_day_or_yes(text: str) -> bool:
    """Whether a cell says that something happened: a day or a yes, neither “no” nor a date of zeros."""
    return bool(text) and values.fold(text) not in values.NO and not _ZEROS.fullmatch(text)


def _property_names(settings: RunSettings) -> dict[int, str]:
    """By column, the name of the property: its heading. Of several with the same one, the later have their number, or
    the next with which no other column has the name."""
    given = {
        column: settings.heading_of(column)[: limits.MAX_PROPERTY_NAME_LENGTH]
        for column, meaning in enumerate(settings.mapping)
        if meaning == PROPERTY
    }
    names: dict[int, str] = {}
    taken: set[str] = set()
    for column, name in given.items():
        names[column] = _numbered(name, column + 1, taken.union(given.values())) if name in taken else name
        taken.add(names[column])
    return names


def _numbered(name: str, number: int, taken: set[str]) -> str:
    """The name with the number, or with the first one after it that makes it another name than those that are taken."""
    for n in count(number):
        suffix = f" ({n})"
        found = name[: limits.MAX_PROPERTY_NAME_LENGTH - len(suffix)] + suffix
        if found not in taken:
            break
    return found


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
    cell: Cell,
    properties: dict[str, str],
    notes: tuple[Note, ...],
) -> EventRow:
    """Raises BadEvent."""
    if not (time := cell("event_time")):
        raise limits.BadEvent("event_no_time")
    reading = _reading(settings)
    name = limits.name(_name(settings, cell))
    at = reading.time(time, cell("event_clock"), cell("event_zone"))
    amount = "event_value" if "event_value" in settings.mapping else "event_item_value"
    value, currency = reading.value(cell(amount), cell("event_currency"))
    is_item = amount == "event_item_value" and value is not None and bool(cell("event_number"))
    if value is not None and amount == "event_item_value" and (quantity := cell("event_quantity")):
        value, currency = limits.value(value * _quantity(quantity), currency)
    key = _key_of_number(settings, cell)
    if key is None:
        who = person.external_id or person.email
        key = key_of(SOURCE, fold(name), "", who, at.timestamp(), value, currency, *sorted(properties.items()))
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
        is_item,
        (settings.mapping.index(amount) if amount in settings.mapping else 0, cell(amount)),
    )


def _quantity(text: str) -> Decimal:
    """How many pieces a line of an order has. Raises BadEvent."""
    if not _QUANTITY.fullmatch(text):
        raise limits.BadEvent("event_value")
    return Decimal(text.replace(",", "."))


def _reading(settings: RunSettings) -> EventReading:
    if settings.event is None:
        raise ValueError("These are no settings of a file of events.")
    return settings.event


def _name(settings: RunSettings, cell: Cell) -> str:
    return " ".join((cell("event_name") or _reading(settings).name).split())


def _key_of_number(settings: RunSettings, cell: Cell) -> UUID | None:
    """The key of the event that the row gives a number; None if it gives none."""
    if not (number := cell("event_number")):
        return None
    # The name is folded as in the database: what is one event there, is one in the next file, too.
    return key_of(SOURCE, fold(_name(settings, cell)), number)


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
