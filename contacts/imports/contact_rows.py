"""Reads one row of a file as a contact, or says why it is rejected."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import cast

from contacts.fields import nothing
from contacts.imports import consent_answers, consent_rows
from contacts.imports.contact_cells import setter, settle_names
from contacts.imports.delimited import Cells
from contacts.imports.reasons import BadRow, LeftOut, readable, refuse_undecoded, why_not
from contacts.imports.rows import CLEARABLE, Row
from contacts.imports.run_settings import RunSettings
from kernel import csvfiles


def row_reader(settings: RunSettings) -> Callable[[int, Cells], Row]:
    """A function (number, cells) -> Row for files with these columns; it raises BadRow. An import spends half its time
    in it, so everything that depends on the mapping alone is computed once, here."""
    meanings = [(column, meaning) for column, meaning in enumerate(settings.mapping) if meaning]
    setters = [
        (column, setter(settings, column, meaning))
        for column, meaning in meanings
        if meaning not in consent_answers.MEANINGS
    ]
    # Full names are read last: a separate column for the first name has priority.
    setters.sort(key=lambda pair: settings.mapping[pair[0]] == "full_name")
    identities = [column for column, meaning in meanings if meaning in settings.IDENTITIES]
    clearable, words = _clearable(settings), nothing.WORDS
    no_identity = "no_address" if settings.identities == {"email"} else "no_identity"

    def read_row(number: int, cells: Cells) -> Row:
        cells = readable(cells)
        row, width = Row(number), len(cells)
        for column, put in setters:
            if column < width and (value := cells[column].strip()):
                try:
                    refuse_undecoded(value)
                    put(row, _bare(settings, column, value) if value[0] == "'" else value)
                except LeftOut as problem:
                    row.notes += ((column, str(problem), value),)
        if row.email is None and row.phone is None and row.external_id is None:
            raise BadRow(why_not(row.notes, identities) or ("too_few" if width <= identities[-1] else no_identity))
        if row.written_name or row.first_name in words or row.last_name in words:
            settle_names(row)
        if clearable:
            row.cleared = frozenset(
                name
                for column, name in clearable
                if column < width and (not (value := cells[column].strip()) or value in words)
            )
        return row

    if not settings.consent.writes:
        return read_row
    read_consent = consent_rows.reader(settings.consent)

    def read_row_with_consent(number: int, cells: Cells) -> Row:
        row = read_row(number, cells)
        row.consent = read_consent(cast(list[str], cells))  # read_row has refused what is none
        return row

    return read_row_with_consent


def refusal_reader(settings: RunSettings) -> Callable[[int, list[str]], Row]:
    """A function that reads a rejected row: only whom it is about, as far as that can be read, and what it says about
    consent."""
    identities = [
        (column, setter(settings, column, meaning))
        for column, meaning in enumerate(settings.mapping)
        if meaning in settings.IDENTITIES
    ]
    read_consent = consent_rows.reader(settings.consent)

    def read_refusal(number: int, cells: list[str]) -> Row:
        row = Row(number, consent=read_consent(cells))
        for column, put in identities:
            if column < len(cells) and (value := cells[column].strip()):
                with contextlib.suppress(BadRow, LeftOut):
                    put(row, _bare(settings, column, value) if value[0] == "'" else value)
        return row

    return read_refusal


def _bare(settings: RunSettings, column: int, value: str) -> str:
    """The value without an apostrophe that says that it is text, and no formula or number."""
    if column in settings.text_marks and (value[1:2].isdigit() or value[1:2] == "+"):
        return value[1:]
    return csvfiles.bare_cell(value)


def _clearable(settings: RunSettings) -> list[tuple[int, str]]:
    """(column, what an empty cell empties), as of Row.cleared: never an identity, consent, tags, lists or companies."""
    if not settings.clear_empty:
        return []
    found = []
    for column, meaning in enumerate(settings.mapping):
        if meaning in CLEARABLE:
            found.append((column, meaning))
        elif meaning == "full_name":
            found += [(column, name) for name in ("first_name", "last_name") if name not in settings.mapping]
        elif meaning.startswith("attributes:"):
            found.append((column, meaning.removeprefix("attributes:")))
    return found
