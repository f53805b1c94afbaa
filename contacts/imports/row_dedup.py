"""Deduplicates the rows of a chunk: rows about the same person or company are merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contacts.imports import company_rows, event_rows, suppression_rows
from contacts.imports.contact_rows import row_reader
from contacts.imports.delimited import Cells
from contacts.imports.reasons import BadRow
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport

Target = ContactImport.Target


class ByKey:
    """For rows that are identified by one key, such as the e-mail address alone."""

    def __init__(self, key: Callable[[Any], Any]):
        self._key = key
        self._rows: dict[Any, Any] = {}

    def add(self, row: Any) -> Any | None:
        """The earlier row that this one was merged into, if any."""
        earlier = self._rows.setdefault(self._key(row), row)
        if earlier is row:
            return None
        earlier.merge_later(row)
        return earlier

    def rounds(self) -> list[list]:
        return [list(self._rows.values())]


class ByIdentity:
    """For rows that are identified by external id or e-mail address, or by phone number where they have nothing else.

    Rows with the same values are merged. A row that shares only some of them with an earlier row waits for the next
    round: by then the database knows which contact the earlier row refers to. A number may belong to several people, so
    rows that share it stay in one round, in which `matching` keeps their order.
    """

    KEYS = ("external_id", "email")
    MAX_ROUNDS = 10

    def __init__(self):
        self._known: dict[str, dict[str, tuple[Row, int]]] = {name: {} for name in self.KEYS}
        # By number: the last round of a row with it, and the last row, if that has nothing but the number.
        self._round_of_phone: dict[str, int] = {}
        self._phone_alone: dict[str, Row] = {}
        self._rounds: list[list[Row]] = [[]]

    def add(self, row: Row) -> Row | None:
        """The earlier row that this one was merged into, if any. Raises BadRow."""
        if row.email is None and row.external_id is None:
            return self._add_by_phone(row, row.phone or "")
        found = [self._known[name].get(getattr(row, name)) for name in self.KEYS]
        sharing = [pair for pair in found if pair is not None]
        round_number = self._round_of_phone.get(row.phone or "", 0)
        if sharing:
            latest, latest_round = max(sharing, key=lambda pair: (pair[1], pair[0].number))
            if all(getattr(row, name) == getattr(latest, name) for name in (*self.KEYS, "phone")):
                latest.merge_later(row)
                return latest
            round_number = max(round_number, latest_round + 1)
            if round_number >= self.MAX_ROUNDS:  # this many rows with one address or id contradict each other
                raise BadRow("conflict")
            for earlier, _round in sharing:
                self._use_phone(earlier.phone, round_number)  # the earlier person's number may be free afterwards
        self._put(row, round_number)
        for name in self.KEYS:
            if value := getattr(row, name):
                self._known[name][value] = (row, round_number)
        return None

    def _add_by_phone(self, row: Row, phone: str) -> Row | None:
        """As `add`, for a row that has only a number."""
        if earlier := self._phone_alone.get(phone):
            earlier.merge_later(row)
            return earlier
        self._put(row, self._round_of_phone.get(phone, 0))
        self._phone_alone[phone] = row
        return None

    def _put(self, row: Row, round_number: int) -> None:
        while round_number >= len(self._rounds):
            self._rounds.append([])
        self._rounds[round_number].append(row)
        self._use_phone(row.phone, round_number)

    def _use_phone(self, phone: str | None, round_number: int) -> None:
        if phone:
            self._round_of_phone[phone] = max(round_number, self._round_of_phone.get(phone, 0))
            self._phone_alone.pop(phone, None)

    def rounds(self) -> list[list[Row]]:
        return self._rounds


@dataclass(frozen=True)
class FileReading:
    """How the rows of one file are read, in their order, and those of a chunk deduplicated."""

    #: (number, cells) -> row; raises BadRow.
    read_row: Callable[[int, Cells], Any]
    new_dedup: Callable[[], ByKey | ByIdentity]
    #: Takes the cells of a row that an earlier run has written, for what they say about later ones.
    look_at: Callable[[Cells], object] = lambda cells: None


def reading_of(settings: RunSettings) -> FileReading:
    """The reading of a file, from its first row on."""
    if settings.target == Target.COMPANIES:
        return FileReading(company_rows.row_reader(settings), lambda: ByKey(lambda row: row.name.lower()))
    if settings.target == Target.SUPPRESSION:
        return FileReading(suppression_rows.row_reader(settings), lambda: ByKey(lambda row: (row.email, row.phone)))
    if settings.target == Target.EVENTS:
        reader = event_rows.RowReader(settings)
        return FileReading(reader, lambda: ByKey(lambda row: row.key), reader.look_at)
    if settings.identities == {"email"}:
        return FileReading(row_reader(settings), lambda: ByKey(lambda row: row.email))
    return FileReading(row_reader(settings), ByIdentity)
