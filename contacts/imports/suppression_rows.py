"""Reads one row of a do-not-contact file: an e-mail address, a phone number, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from contacts.imports.contact_rows import BadRow, Cells, email_of, phone_of, readable
from contacts.imports.run_settings import RunSettings


@dataclass(slots=True)
class SuppressionRow:
    number: int
    email: str | None = None
    phone: str | None = None

    def merge_later(self, later: SuppressionRow) -> None:
        """Do nothing: a repeated row adds nothing."""


def row_reader(settings: RunSettings) -> Callable[[int, Cells], SuppressionRow]:
    """A function (number, cells) -> SuppressionRow that raises BadRow."""
    # An address to suppress may be at a blocked domain: the block list does not reject it here.
    settings = replace(settings, blocked_domains=frozenset())
    read = {"email": email_of, "phone": phone_of}
    columns = [(column, meaning) for column, meaning in enumerate(settings.mapping) if meaning in read]

    def read_row(number: int, cells: Cells) -> SuppressionRow:
        cells = readable(cells)
        row = SuppressionRow(number)
        for column, meaning in columns:
            if column < len(cells) and (value := cells[column].strip()):
                setattr(row, meaning, read[meaning](settings, value))
        if row.email is None and row.phone is None:
            raise BadRow("no_identity")
        return row

    return read_row
