"""Reads the files that are no tables, but whose records become rows: vCards, JSON, lists of addresses. The columns are
all names that the records of the file have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from contacts.imports import address_lists, json_records, vcards
from contacts.imports.limits import MAX_COLUMNS, Unreadable
from contacts.models import ContactImport

Format = ContactImport.Format
SAMPLED = 1000
MAX_CELL_LENGTH = 100_000
READERS = {
    Format.VCARD.value: vcards.records,
    Format.JSON.value: json_records.records,
    Format.ADDRESSES.value: address_lists.records,
}


def columns_of(pieces: Iterable[str], kind: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """(the columns of a file, the (number, cells) of its first records). Raises Unreadable."""
    columns: dict[str, None] = {}
    first: list[tuple[int, dict[str, str]]] = []
    for number, record in READERS[kind](pieces):
        columns |= dict.fromkeys(record)
        if len(columns) > MAX_COLUMNS:
            text = _("The file has more than %(n)d columns. Delete the ones you don't need.")
            raise Unreadable(text % {"n": MAX_COLUMNS})
        if len(first) < SAMPLED:
            first.append((number, record))
    if not columns:
        raise Unreadable(_("The file contains no rows."))
    names = list(columns)
    return names, [(number, _cells(record, names)) for number, record in first]


def rows(pieces: Iterable[str], kind: str, columns: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of each record. Raises Unreadable."""
    for number, record in READERS[kind](pieces):
        yield number, _cells(record, columns)


def _cells(record: dict[str, str], columns: list[str]) -> list[str]:
    cells = [record.get(column, "") for column in columns]
    if any(len(cell) > MAX_CELL_LENGTH for cell in cells):
        return [cell[:MAX_CELL_LENGTH] for cell in cells]
    return cells
