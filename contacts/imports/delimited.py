"""Reads delimited text (CSV) as a stream of rows, each with the line on which it begins.

A quotation mark that is never closed would swallow every line after it. Such lines are read one by one instead, so that
nobody is lost behind it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from contacts.imports.limits import MAX_COLUMNS, Unreadable

MAX_CELL_LENGTH = 100_000
MAX_LINE_LENGTH = 4_000_000  # characters; longer ones would be put together again and again
CHUNK_BYTES = 1 << 17
csv.field_size_limit(MAX_CELL_LENGTH)


@dataclass(frozen=True)
class UnreadableRow:
    """Stands for a row that can't be split into cells, or into too many; `text` is its text in the file."""

    text: str
    too_wide: bool = False


Cells = list[str] | UnreadableRow


@dataclass(frozen=True)
class TextFormat:
    """How rows are written as text."""

    delimiter: str


def texts(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The stream's text in pieces. Raises Unreadable."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    try:
        while data := stream.read(CHUNK_BYTES):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)
    except UnicodeError:  # UTF-16 without a byte order mark is refused, even with errors="replace"
        raise Unreadable(_("The file doesn't use the selected encoding. Choose another one.")) from None


class Reader:
    """Iterates over (line, cells) of each row, also the blank ones; `line` is the line on which the row begins, from 1.
    Raises Unreadable.

    `pieces` is the text in pieces of any length. If it isn't `complete`, a quotation mark may be open at its end.
    """

    def __init__(self, pieces: Iterable[str], text_format: TextFormat, *, complete: bool = True):
        self._pieces, self._format, self._complete = pieces, text_format, complete
        self._raw: list[str] = []  # the lines of the current row
        self._at_end = False

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        raw = self._raw
        reader = csv.reader(self._lines(), delimiter=self._format.delimiter)
        while True:
            line = reader.line_num + 1
            raw.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield from self._one_by_one(line)
                continue
            if self._at_end and len(raw) > 1 and self._complete:  # the quotation mark is never closed
                yield from self._one_by_one(line)
            elif len(cells) > MAX_COLUMNS:
                yield line, UnreadableRow("".join(raw), too_wide=True)
            # Excel's first line "sep=;", which gives the delimiter.
            elif line > 1 or not (cells and cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5):
                yield line, cells

    def _one_by_one(self, first: int) -> Iterator[tuple[int, Cells]]:
        """The lines of the current row, each as a row of its own."""
        for number, line in enumerate(list(self._raw), first):
            text = line.removesuffix("\n")
            try:
                yield number, next(csv.reader((text,), delimiter=self._format.delimiter))
            except csv.Error:
                yield number, UnreadableRow(text)

    def _lines(self) -> Iterator[str]:
        """Lines with their ends, whatever these are: LF, CR LF, or the CR of old Macs, also mixed. Not str.splitlines,
        which also breaks at U+2028 and form feeds: csv keeps these in a cell."""
        rest = ""
        for piece in self._pieces:
            text = rest + piece
            held = "\r" if text.endswith("\r") else ""  # perhaps the next piece begins with its LF
            if "\r" in text:
                text = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
            *lines, rest = text.split("\n")
            for line in lines:
                ended = line + "\n"
                self._raw.append(ended)
                yield ended
            rest += held
            if len(rest) > MAX_LINE_LENGTH:
                raise Unreadable(
                    _("A row of the file is far too long for a CSV file. A quotation mark may be missing.")
                )
        if rest:
            last = rest.removesuffix("\r")
            self._raw.append(last)
            yield last
        self._at_end = True
