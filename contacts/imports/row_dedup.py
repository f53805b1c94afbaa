"""Deduplicates the rows of a chunk: rows about the same person or company are merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contacts.imports import company_rows, suppression_rows
from contacts.imports.contact_rows import BadRow, Row, row_reader
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
    """For rows that are identified by external id, e-mail address or phone number.

    Rows with the same three values are merged. A row that shares only some of them with an earlier row waits for the
    next round: by then the database knows which contact the earlier row refers to.
    """

    KEYS = ("external_id", "email", "phone")
    MAX_ROUNDS = 10

    def __init__(self):
        self._known: dict[str, dict[str, tuple[Row, int]]] = {name: {} for name in self.KEYS}
        self._rounds: list[list[Row]] = [[]]

    def add(self, row: Row) -> Row | None:
        """The earlier row that this one was merged into, if any. Raises BadRow."""
        found = [self._known[name].get(getattr(row, name)) for name in self.KEYS]
        sharing = [pair for pair in found if pair is not None]
        round_number = 0
        if sharing:
            latest, round_number = max(sharing, key=lambda pair: (pair[1], pair[0].number))
            if all(getattr(row, name) == getattr(latest, name) for name in self.KEYS):
                latest.merge_later(row)
                return latest
            round_number += 1
            if round_number == self.MAX_ROUNDS or (found[0] is None and _contradict(latest, row, found[1])):
                raise BadRow("conflict")
        if round_number == len(self._rounds):
            self._rounds.append([])
        self._rounds[round_number].append(row)
        for name in self.KEYS:
            if value := getattr(row, name):
                self._known[name][value] = (row, round_number)
        return None

    def rounds(self) -> list[list[Row]]:
        return self._rounds


def _contradict(earlier: Row, row: Row, by_email: tuple[Row, int] | None) -> bool:
    """Whether the rows, which share a weaker identity, differ in a stronger one. A stronger identity may be filled in
    but not changed: that would be another person."""
    if row.external_id and earlier.external_id:
        return True
    return by_email is None and bool(row.email and earlier.email)


def reader_and_dedup(settings: RunSettings) -> tuple[Callable, Callable[[], ByKey | ByIdentity]]:
    """(a function that reads a row of this file, a function that makes the deduplication of one chunk)."""
    if settings.target == Target.COMPANIES:
        return company_rows.row_reader(settings), lambda: ByKey(lambda row: row.name.lower())
    if settings.target == Target.SUPPRESSION:
        return suppression_rows.row_reader(settings), lambda: ByKey(lambda row: (row.email, row.phone))
    if settings.identities == {"email"}:
        return row_reader(settings), lambda: ByKey(lambda row: row.email)
    return row_reader(settings), ByIdentity
