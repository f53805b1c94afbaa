"""Guesses a file's delimiter, titles and header from its beginning. On the page, people can correct them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from contacts.imports import format_inference
from contacts.imports.delimited import Reader, TextFormat, Texts
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import MAX_COLUMNS, Unreadable

SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 21
DELIMITERS = ",;\t|"
MAX_TITLE_ROWS, MIN_TABLE_WIDTH = 10, 2
# Excel's first line "sep=;", which gives the delimiter.
_SEP_LINE = re.compile(r"\ufeff?sep=([,;\t|])\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class FileSample:
    """The format of a file, its first rows, and the evidence of how its dates and numbers are written."""

    encoding: str
    delimiter: str
    has_header: bool
    rows: list[list[str]]  # the first few, header included, titles not
    evidence: list[FormatEvidence] = field(default_factory=list)  # for each column, from the sampled rows
    skip_lines: int = 0  # lines above its header or first row


def inspect(
    start: bytes,
    *,
    encoding: str,
    delimiter: str | None = None,
    has_header: bool | None = None,
    skip_lines: int | None = None,
    multiline_cells: bool = True,
    backslash_escapes: bool = False,
    fallback: str = "cp1252",
    more_chunks: Iterable[bytes] = (),
) -> FileSample:
    """Inspect the first bytes of a file, and guess what is not given. Raises Unreadable.

    `more_chunks` are chunks from its rest, each from an even offset: if a file is sorted by date, perhaps only these
    prove the order of day and month. `fallback` is the encoding of bytes that `encoding` doesn't know.
    """
    text = "".join(Texts(io.BytesIO(start), encoding, fallback)).replace("\0", "")
    if not text.strip():
        raise Unreadable(_("The file is empty. Export it again and check that it contains rows."))
    if sep_line := _SEP_LINE.match(text):
        delimiter = delimiter or sep_line[1]
    text_format = TextFormat(
        delimiter or _guess_delimiter(text[sep_line.end() if sep_line else 0 :]), multiline_cells, backslash_escapes
    )
    found = _rows(text, text_format, cut=len(start) >= SAMPLE_BYTES)
    if skip_lines is None:
        skip_lines = max(guess_skip_lines(found[:SAMPLE_ROWS]), int(bool(sep_line)))
    rows = [cells for line, cells in found if line > skip_lines]
    if not rows:
        raise Unreadable(_("The file contains no rows."))
    width = max(map(len, rows[:SAMPLE_ROWS]))
    has_header = guess_header(rows) if has_header is None else has_header
    evidence = format_inference.evidence_of(row[:width] for row in rows[int(has_header) :])
    for chunk in more_chunks:
        for row in _rows_of_chunk(start, chunk, encoding, text_format):
            if len(row) == len(rows[0]):
                format_inference.add(evidence, row)
    return FileSample(encoding, text_format.delimiter, has_header, rows[:SAMPLE_ROWS], evidence, skip_lines)


def _too_wide() -> Unreadable:
    return Unreadable(_("The file has more than %(n)d columns. Delete the ones you don't need.") % {"n": MAX_COLUMNS})


def guess_skip_lines(rows: list[tuple[int, list[str]]]) -> int:
    """How many lines stand above the column names, from the (line, cells) of a file's first rows: titles fill at most
    half as many cells as the rows below, and the column names under them contain no address."""
    filled = [sum(bool(cell.strip()) for cell in cells) for _line, cells in rows]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    if usual < MIN_TABLE_WIDTH:
        return 0
    for place, (line, cells) in enumerate(rows[: MAX_TITLE_ROWS + 1]):
        if not guess_header([cells]):
            return 0
        if filled[place] * 2 > usual:
            return line - 1 if place else 0
    return 0


def guess_header(rows: list[list[str]]) -> bool:
    """Whether the first row is a header: column names contain no e-mail address and no phone number."""
    return not any("@" in cell or re.fullmatch(r"[+\d][\d .()/-]{6,}", cell.strip()) for cell in rows[0])


def _guess_delimiter(text: str) -> str:
    """The delimiter that splits most of the first lines into the same number of columns, more than one."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:  # with this delimiter, a cell has no end
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (widths.count(usual) if usual > 1 else 0, usual)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows_of_chunk(start: bytes, chunk: bytes, encoding: str, text_format: TextFormat) -> list[list[str]]:
    """The rows of a chunk that begins and ends anywhere in the file; none if it can't be read."""
    byte_order_mark = start[: {"utf-16": 2, "utf-32": 4}.get(encoding, 0)]
    text = "".join(Texts(io.BytesIO(byte_order_mark + chunk), encoding))
    try:
        rows = _rows(text.partition("\n" if "\n" in text else "\r")[2], text_format, cut=True)
    except Unreadable:
        return []
    return [cells for _line, cells in rows]


def _rows(text: str, text_format: TextFormat, *, cut: bool) -> list[tuple[int, list[str]]]:
    """(line, cells) of the rows that are not blank; without the last one if the text is `cut`. Raises Unreadable if the
    first rows can't be read."""
    rows = []
    for line, cells in Reader([text], text_format, complete=not cut):
        if isinstance(cells, list):
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
        elif len(rows) >= SAMPLE_ROWS:
            continue  # the import rejects it
        elif cells.too_wide:
            raise _too_wide()
        else:
            raise Unreadable(_("A row of the file is far too long for a CSV file. A quotation mark may be missing."))
    if cut and len(rows) > 1:
        rows.pop()  # it may be incomplete
    return rows
