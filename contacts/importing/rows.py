"""One row of a file as a contact to be, or the reason why it is none."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from contacts.addresses import BadAddress, clean_email

REASONS = {
    "no_address": _("No e-mail address"),
    "space": _("The address contains a space"),
    "at_signs": _("An address has exactly one @"),
    "not_valid": _("Not a valid e-mail address"),
    "nul": _("The row contains a NUL character"),
    "too_long": _("A value is longer than its field allows"),
    "unreadable": _("The row can't be read: is a quotation mark missing?"),
    "too_few": _("The row has fewer columns than the one with the address"),
}
LONGEST = {"first_name": 120, "last_name": 120}
LONGEST_ATTRIBUTE = 2000


class BadRow(ValueError):
    """The row is rejected; the message is a key of REASONS."""


@dataclass(slots=True)
class Row:
    number: int
    email: str
    first_name: str = ""
    last_name: str = ""
    attributes: dict = field(default_factory=dict)
    tags: set = field(default_factory=set)

    def take_over(self, later: Row) -> None:
        """The same address again, further down the file: what the later row says wins, what it leaves empty stays."""
        self.first_name = later.first_name or self.first_name
        self.last_name = later.last_name or self.last_name
        self.attributes |= later.attributes
        self.tags |= later.tags


def row_reader(mapping: list[str]) -> Callable[[int, list[str] | csv.Error], Row]:
    """A function (number, cells) -> Row for files with these columns; it raises BadRow. Half an import's time is spent
    in it, so what depends on the mapping alone is worked out once."""
    at = mapping.index("email")
    others = [(column, meaning) for column, meaning in enumerate(mapping) if meaning and column != at]

    def read_row(number: int, cells: list[str] | csv.Error) -> Row:
        if not isinstance(cells, list):
            raise BadRow("unreadable")
        if len(cells) <= at:
            raise BadRow("too_few")
        if "\0" in "".join(cells):
            raise BadRow("nul")
        try:
            row = Row(number, clean_email(cells[at]))
        except BadAddress as problem:
            raise BadRow(str(problem)) from None
        for column, meaning in others:
            if column < len(cells) and (value := cells[column].strip()):
                _put(row, meaning, value)
        return row

    return read_row


def _put(row: Row, meaning: str, value: str) -> None:
    if meaning == "tags":
        row.tags = {tag.strip() for tag in value.replace(";", ",").split(",") if tag.strip()}
        if any(len(tag) > 60 for tag in row.tags):
            raise BadRow("too_long")
    elif meaning.startswith("attributes:"):
        if len(value) > LONGEST_ATTRIBUTE:
            raise BadRow("too_long")
        row.attributes[meaning.removeprefix("attributes:")] = value
    else:
        if len(value) > LONGEST[meaning]:
            raise BadRow("too_long")
        setattr(row, meaning, value)
