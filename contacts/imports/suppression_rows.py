"""One row of a do-not-contact file: an address, a phone number, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from contacts.imports.contact_rows import BadRow, email_of, phone_of, readable
from contacts.imports.run_settings import Plan


@dataclass(slots=True)
class Refusal:
    number: int
    email: str | None = None
    phone: str | None = None

    def take_over(self, later: Refusal) -> None:
        """The same refusal again says nothing new."""


def row_reader(plan: Plan) -> Callable[[int, list[str]], Refusal]:
    """A function (number, cells) -> Refusal; it raises BadRow."""
    # Who must not be written to may well be at a domain that is blocked.
    plan = replace(plan, blocked_domains=frozenset())
    read = {"email": email_of, "phone": phone_of}
    columns = [(column, meaning) for column, meaning in enumerate(plan.mapping) if meaning in read]

    def read_row(number: int, cells) -> Refusal:
        cells = readable(cells)
        row = Refusal(number)
        for column, meaning in columns:
            if column < len(cells) and (value := cells[column].strip()):
                setattr(row, meaning, read[meaning](plan, value))
        if row.email is None and row.phone is None:
            raise BadRow("no_identity")
        return row

    return read_row
