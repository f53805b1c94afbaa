"""Reads one row of a do-not-contact file: an e-mail address, a phone number, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contacts.identity import written_addresses
from contacts.identity.addresses import BadAddress
from contacts.imports import contact_cells
from contacts.imports.delimited import Cells
from contacts.imports.reasons import BadRow, LeftOut, Note, left_out, readable, refuse_undecoded, why_not
from contacts.imports.run_settings import RunSettings


@dataclass(slots=True)
class SuppressionRow:
    number: int
    email: str | None = None
    phone: str | None = None
    # Further addresses of the cell: nobody who said no is left out. They count with the row.
    other_emails: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()

    def merge_later(self, later: SuppressionRow) -> None:
        """Add the further addresses of a row with the same first ones."""
        self.other_emails |= later.other_emails

    def addresses(self, name: str) -> list[str]:
        """All addresses ("email") or numbers ("phone") of the row."""
        first = getattr(self, name)
        return [*([first] if first else []), *(sorted(self.other_emails) if name == "email" else [])]


def row_reader(settings: RunSettings) -> Callable[[int, Cells], SuppressionRow]:
    """A function (number, cells) -> SuppressionRow that raises BadRow. An address to suppress may be at a blocked
    domain: the block list does not reject it here."""
    columns = [(column, meaning) for column, meaning in enumerate(settings.mapping) if meaning in ("email", "phone")]
    identities = [column for column, _meaning in columns]

    def read_row(number: int, cells: Cells) -> SuppressionRow:
        cells = readable(cells)
        row = SuppressionRow(number)
        for column, meaning in columns:
            if column < len(cells) and (value := cells[column].strip()):
                try:
                    refuse_undecoded(value)
                    if meaning == "email":
                        _put_email(row, value)
                    else:
                        contact_cells.put_phone(row, value, settings.country_of(column))
                except LeftOut as problem:
                    row.notes += ((column, str(problem), value),)
        if row.email is None and row.phone is None:
            raise BadRow(why_not(row.notes, identities) or "no_identity")
        return row

    return read_row


def _put_email(row: SuppressionRow, value: str) -> None:
    try:
        found = written_addresses.find(value)
    except BadAddress as problem:
        left_out(value, problem)
        return
    row.email, row.other_emails = found.email, frozenset(found.others)
    if found.unreadable:
        raise LeftOut("more_addresses")
