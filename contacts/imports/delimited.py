"""Reads delimited text (CSV) as a stream of rows, each with the line on which it begins.

A quotation mark that is never closed would swallow every line after it. Such lines are read one by one instead, so that
nobody is lost behind it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TypeAlias

from django.core.files import File
from django.utils.translation import gettext as _

from contacts.imports.limits import MAX_COLUMNS, Unreadable

MAX_CELL_LENGTH = 100_000
MAX_LINE_LENGTH = 4_000_000  # characters; longer ones would be put together again and again
MAX_EXAMPLES = 20
CHUNK_BYTES = 1 << 17
REPLACEMENT = "\ufffd"  # stands for bytes that mean nothing in the encoding
_UNDECODED = re.compile("[\udc80-\udcff\ufffd]+")
csv.field_size_limit(MAX_CELL_LENGTH)


@dataclass(frozen=True)
class UnreadableRow:
    """Stands for a row that can't be split into cells, or into too many; `text` is its text in the file."""

    text: str
    too_wide: bool = False


Cells = list[str] | UnreadableRow
#: A binary file, read from where it stands.
Stream: TypeAlias = "IO[bytes] | File"


@dataclass(frozen=True)
class TextFormat:
    """How rows are written as text. Without `multiline_cells`, a quotation mark ends with its line. With
    `backslash_escapes`, a backslash stands before quotation marks within cells, and \\N for nothing, as MySQL writes.
    """

    delimiter: str
    multiline_cells: bool = True
    backslash_escapes: bool = False


class Texts:
    """Iterates over the text of a stream in pieces. Raises Unreadable.

    Bytes that the encoding doesn't know are read in the `fallback` encoding where it makes a letter of them, and else
    become U+FFFD. `read_as_fallback` and `lost` count them; `examples` are (line, text around it, whether it is lost).
    """

    def __init__(self, stream: Stream, encoding: str, fallback: str = "cp1252"):
        self._stream, self._fallback = stream, fallback
        # For UTF-16 and UTF-32, Python can't keep the bytes that mean nothing.
        errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._lines = 0
        self.read_as_fallback = self.lost = 0
        self.examples: list[tuple[int, str, bool]] = []

    def __iter__(self) -> Iterator[str]:
        try:
            # A second byte order mark, or one that the encoding doesn't expect, is no text.
            yield self._mended(self._decoder.decode(self._stream.read(CHUNK_BYTES))).lstrip("\ufeff")
            while data := self._stream.read(CHUNK_BYTES):
                yield self._mended(self._decoder.decode(data))
            yield self._mended(self._decoder.decode(b"", final=True))
        except UnicodeError:  # UTF-16 without a byte order mark is refused, even with errors="replace"
            raise Unreadable(_("The file doesn't use the selected encoding. Choose another one.")) from None

    def _mended(self, text: str) -> str:
        if not text.isascii() and has_undecoded(text):
            places: list[tuple[int, int, bool]] = []
            text = _UNDECODED.sub(lambda found: self._mend(found, places), text)
            self._add_examples(text, places)
        self._lines += text.count("\n") or text.count("\r")
        return text

    def _mend(self, found: re.Match, places: list[tuple[int, int, bool]]) -> str:
        chars = [_mended_char(char, self._fallback) for char in found[0]]
        lost = chars.count(REPLACEMENT)
        self.lost += lost
        self.read_as_fallback += len(chars) - lost
        if len(places) + len(self.examples) < MAX_EXAMPLES:
            places.append((found.start(), found.end(), bool(lost)))
        return "".join(chars)

    def _add_examples(self, text: str, places: list[tuple[int, int, bool]]) -> None:
        for start, end, lost in places:
            line = self._lines + 1 + (text.count("\n", 0, start) or text.count("\r", 0, start))
            around = text[max(0, start - 20) : start].splitlines()[-1:] + text[start : end + 20].splitlines()[:1]
            self.examples.append((line, "".join(around).replace("\0", "").strip(), lost))


class Reader:
    """Iterates over (line, cells) of each row, also the blank ones; `line` is the line on which the row begins, from 1.
    Raises Unreadable.

    `pieces` is the text in pieces of any length. If it isn't `complete`, a quotation mark may be open at its end. `raw`
    are the lines of the row that was given last; if `torn`, each of these lines is given as a row of its own, because a
    quotation mark among them is never closed.
    """

    def __init__(self, pieces: Iterable[str], text_format: TextFormat, *, complete: bool = True):
        self._pieces, self._format, self._complete = pieces, text_format, complete
        self._at_end = False
        self.raw: list[str] = []
        self.torn = False
        self.lines = 0

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        return self._rows() if self._format.multiline_cells else self._line_by_line()

    def _rows(self) -> Iterator[tuple[int, Cells]]:
        raw, reader = self.raw, self._reader(self.each_line())
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield from self._one_by_one(line)
            else:
                if len(raw) > 1 and self._at_end and self._complete:  # the quotation mark is never closed
                    yield from self._one_by_one(line)
                elif len(cells) > MAX_COLUMNS:
                    yield line, UnreadableRow("".join(raw), too_wide=True)
                # Excel's first line "sep=;", which gives the delimiter.
                elif line > 1 or not is_sep_line(cells):
                    yield line, cells
            line = reader.line_num + 1
            raw.clear()

    def _line_by_line(self) -> Iterator[tuple[int, Cells]]:
        for number, line in enumerate(self.each_line(), 1):
            cells = self._alone(line)
            if number > 1 or not is_sep_line(cells):
                yield number, cells
            self.raw.clear()

    def _one_by_one(self, first: int) -> Iterator[tuple[int, Cells]]:
        """The lines of the current row, each as a row of its own."""
        self.torn = len(self.raw) > 1
        for number, line in enumerate(list(self.raw), first):
            yield number, self._alone(line)
        self.torn = False

    def _alone(self, line: str) -> Cells:
        text = line.removesuffix("\n")
        try:
            cells = next(self._reader((text,)))
        except csv.Error:
            return UnreadableRow(text)
        return cells if len(cells) <= MAX_COLUMNS else UnreadableRow(text, too_wide=True)

    def _reader(self, lines: Iterable[str]):
        escape = "\\" if self._format.backslash_escapes else None
        return csv.reader(lines, delimiter=self._format.delimiter, escapechar=escape)

    def each_line(self) -> Iterator[str]:
        """Lines with their ends, whatever these are: LF, CR LF, or the CR of old Macs, also mixed. Not str.splitlines,
        which also breaks at U+2028 and form feeds: csv keeps these in a cell."""
        null = re.compile(rf"(^|{re.escape(self._format.delimiter)})\\N(?={re.escape(self._format.delimiter)}|$)")
        rest, keep = "", self.raw.append
        for piece in self._pieces:
            text = rest + piece
            held = "\r" if text.endswith("\r") else ""  # perhaps the next piece begins with its LF
            if "\r" in text:
                text = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
            *lines, rest = text.split("\n")
            if self._format.backslash_escapes:
                lines = [null.sub(r"\1", line) if "\\N" in line else line for line in lines]
            for line in lines:
                ended = line + "\n"
                keep(ended)
                yield ended
            self.lines += len(lines)
            rest += held
            if len(rest) > MAX_LINE_LENGTH:
                raise Unreadable(
                    _("A row of the file is far too long for a CSV file. A quotation mark may be missing.")
                )
        if rest:
            last = rest.removesuffix("\r")
            last = null.sub(r"\1", last) if self._format.backslash_escapes else last
            self.lines += 1
            self.raw.append(last)
            yield last
        self._at_end = True


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text without their ends. Raises Unreadable."""
    reader = Reader(pieces, TextFormat(","))
    for line in reader.each_line():
        reader.raw.clear()
        yield line.removesuffix("\n")


def has_undecoded(text: str) -> bool:
    """Whether bytes stand in the text that could not be decoded. Faster than a search: this is asked of every piece."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return REPLACEMENT in text


def is_sep_line(cells: Cells) -> bool:
    """Whether it is Excel's first line "sep=;"."""
    if not isinstance(cells, list) or not cells:
        return False
    return cells[0].lower().removeprefix("\ufeff").startswith("sep=") and len("".join(cells)) <= len("sep=;")


def _mended_char(char: str, fallback: str) -> str:
    if char == REPLACEMENT:
        return char
    letter = bytes([ord(char) - 0xDC00]).decode(fallback, "replace")
    return letter if letter.isalpha() else REPLACEMENT
