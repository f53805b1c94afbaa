"""The rows of a chunk, one for each person: rows that say more about the same person are merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contacts.imports import company_rows, suppression_rows
from contacts.imports.contact_rows import BadRow, Row, row_reader
from contacts.imports.run_settings import Plan
from contacts.models import ContactImport

Target = ContactImport.Target


class ByKey:
    """Rows known by one key, such as the e-mail address alone."""

    def __init__(self, key: Callable[[Any], Any]):
        self._key, self._rows = key, {}

    def add(self, row) -> Any | None:
        """The earlier row that this one was merged into, if any."""
        earlier = self._rows.setdefault(self._key(row), row)
        if earlier is row:
            return None
        earlier.take_over(row)
        return earlier

    def rounds(self) -> list[list]:
        return [list(self._rows.values())]


class ByIdentity:
    """Rows known by their id, e-mail address or phone number.

    Rows with all the same are merged. Who shares but some with an earlier row waits for the next round, when the
    database knows whom that one meant.
    """

    KEYS = ("external_id", "email", "phone")
    MOST_ROUNDS = 10

    def __init__(self):
        self._known: dict[str, dict[str, tuple[Row, int]]] = {name: {} for name in self.KEYS}
        self._rounds: list[list[Row]] = [[]]

    def add(self, row: Row) -> Row | None:
        """The earlier row that this one was merged into, if any. Raises BadRow."""
        found = [self._known[name].get(getattr(row, name)) for name in self.KEYS]
        sharing = [pair for pair in found if pair is not None]
        turn = 0
        if sharing:
            latest, turn = max(sharing, key=lambda pair: (pair[1], pair[0].number))
            if all(getattr(row, name) == getattr(latest, name) for name in self.KEYS):
                latest.take_over(row)
                return latest
            turn += 1
            if turn == self.MOST_ROUNDS or (found[0] is None and _contradict(latest, row, found[1])):
                raise BadRow("conflict")
        if turn == len(self._rounds):
            self._rounds.append([])
        self._rounds[turn].append(row)
        for name in self.KEYS:
            if value := getattr(row, name):
                self._known[name][value] = (row, turn)
        return None

    def rounds(self) -> list[list[Row]]:
        return self._rounds


def _contradict(earlier: Row, row: Row, by_email) -> bool:
    """Found by a weaker identity, the stronger ones may be filled in but not changed: it would be another person."""
    if row.external_id and earlier.external_id:
        return True
    return by_email is None and bool(row.email and earlier.email)


def reader_and_gathering(plan: Plan) -> tuple[Callable, Callable[[], ByKey | ByIdentity]]:
    """How the rows of such a file are read, and how one chunk's are gathered."""
    if plan.target == Target.COMPANIES:
        return company_rows.row_reader(plan), lambda: ByKey(lambda row: row.name.lower())
    if plan.target == Target.SUPPRESSION:
        return suppression_rows.row_reader(plan), lambda: ByKey(lambda row: (row.email, row.phone))
    if plan.identities == {"email"}:
        return row_reader(plan), lambda: ByKey(lambda row: row.email)
    return row_reader(plan), ByIdentity
