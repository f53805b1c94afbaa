"""Surveys a whole text file when it is uploaded: how many lines it has, and what could be lost on the way from lines to
people. Memory does not grow with the file.

What is found is kept as JSON in ContactImport.survey, in which no text of the file stands.
"""

from __future__ import annotations

import csv
import re
from dataclasses import asdict, dataclass, field

from contacts.imports import encodings
from contacts.imports.delimited import Reader, Stream, TextFormat, Texts

MAX_SHOWN = 20
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]+\.\w")


@dataclass
class Survey:
    """What is told about a file. Lines are numbered from 1; places are [first line, last line], at most 20 of them."""

    lines: int = 0
    #: Lines that belong to the row of an earlier line, because they stand within its quotation marks.
    cell_lines: int = 0
    #: Of these, the lines that look like rows of their own: as many cells as usual, or an address.
    swallowed: int = 0
    #: Of these, the lines that surely are rows: as many cells as usual, and an address.
    swallowed_people: int = 0
    swallowing: list[list[int]] = field(default_factory=list)
    #: How many rows more the file has if it is read line by line.
    more_rows: int = 0
    #: Where a quotation mark is never closed, so that the lines after it are read one by one in any case.
    torn: list[list[int]] = field(default_factory=list)
    #: Characters that the encoding doesn't know: read in another encoding, or lost.
    read_as_fallback: int = 0
    fallback: str = ""
    lost: int = 0
    undecoded_lines: list[int] = field(default_factory=list)

    def as_json(self) -> dict:
        return asdict(self)


def survey(
    stream: Stream,
    encoding: str,
    text_format: TextFormat,
    *,
    width: int,
    country: str,
    has_quotes: bool = True,
) -> tuple[Survey, list[tuple[int, str, bool]]]:
    """(the survey, examples of what the encoding doesn't know as of delimited.Texts). `width` is how many cells rows
    usually have. Raises Unreadable."""
    fallback = encodings.legacy_of(country)
    texts = Texts(stream, encoding, fallback)
    # Quotation marks are followed over several lines, however the file is read: the difference is what is told.
    reader = Reader(texts, TextFormat(text_format.delimiter, backslash_escapes=text_format.backslash_escapes))
    found = Survey(fallback=fallback)
    if has_quotes:
        last_torn = 0
        for line, _cells in reader:
            if len(reader.raw) > 1 and not reader.torn:
                _add_multiline(found, line, reader.raw, text_format.delimiter, width)
            elif reader.torn and line > last_torn:
                last_torn = line + len(reader.raw) - 1
                _add_torn(found, line, last_torn)
        found.lines = reader.lines
    else:
        for _line in reader.each_line():
            reader.raw.clear()
        found.lines = reader.lines
    found.read_as_fallback, found.lost = texts.read_as_fallback, texts.lost
    found.undecoded_lines = sorted({line for line, _text, _lost in texts.examples})
    return found, texts.examples


def reads_better_line_by_line(found: Survey) -> bool:
    """Whether most of the lines within cells are surely people of their own."""
    return found.swallowed_people * 2 > found.cell_lines


def _add_multiline(found: Survey, line: int, raw: list[str], delimiter: str, width: int) -> None:
    rest = raw[1:]
    found.cell_lines += len(rest)
    found.more_rows += sum(bool(text.strip()) for text in rest)
    if _ends_its_row(raw, delimiter, width):
        rest.pop()
    wide = [len(_cells(text, delimiter)) == width > 1 for text in rest]
    addressed = [bool(_ADDRESS.search(text)) for text in rest]
    swallowed = sum(one or other for one, other in zip(wide, addressed, strict=True))
    people = sum(one and other for one, other in zip(wide, addressed, strict=True))
    found.swallowed += swallowed
    found.swallowed_people += people if width > 1 else sum(addressed)
    if swallowed and len(found.swallowing) < MAX_SHOWN:
        found.swallowing.append([line, line + len(raw) - 1])


def _ends_its_row(raw: list[str], delimiter: str, width: int) -> bool:
    """Whether the last line closes the cell that the first one opened, as a program writes it: quotation mark, then
    delimiter or end. Such a line is no row, even if it has all the cells, as after a first cell of two lines. A first
    line that has all the cells itself is a row whose mark was a slip of the pen."""
    _text, mark, after = raw[-1].rstrip("\r\n").replace('""', "").partition('"')
    closes = bool(mark) and (not after or after.startswith(delimiter))
    return closes and raw[0].count(delimiter) + 1 < width


def _add_torn(found: Survey, first: int, last: int) -> None:
    if len(found.torn) < MAX_SHOWN:
        found.torn.append([first, last])


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader((text.removesuffix("\n"),), delimiter=delimiter))
    except csv.Error:
        return []
