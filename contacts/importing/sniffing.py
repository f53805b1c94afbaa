"""What kind of file is this? Encoding, delimiter, header: guessed from its beginning, shown, and correctable."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

LOOK_AT = 256 * 1024
DELIMITERS = ",;\t|"
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
_FOREIGN = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
}


class Unreadable(ValueError):
    """The file is no CSV; the message says what to do."""


@dataclass(frozen=True)
class Look:
    encoding: str
    delimiter: str
    has_header: bool
    rows: list[list[str]]  # the first few, header included


def look(start: bytes, *, encoding: str | None = None, delimiter: str | None = None, has_header=None) -> Look:
    """Guess what is not given from the first bytes of a file. Raises Unreadable."""
    _refuse_other_formats(start)
    encoding = encoding or _guess_encoding(start)
    text = decode_start(start, encoding)
    if not text.strip():
        raise Unreadable(_("The file is empty. Export it again and check that it holds rows."))
    delimiter = delimiter or _guess_delimiter(text)
    rows = _first_rows(text, delimiter, cut=len(start) >= LOOK_AT)
    if not rows:
        raise Unreadable(_("No rows were found in the file."))
    if has_header is None:
        has_header = not any("@" in cell for cell in rows[0])
    return Look(encoding, delimiter, has_header, rows)


def decode_start(start: bytes, encoding: str) -> str:
    """The beginning of the file as text; a character cut in half at its end is dropped."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(start, final=False)


def _refuse_other_formats(start: bytes) -> None:
    for magic, kind in _FOREIGN.items():
        if start.startswith(magic):
            if kind in ("xlsx", "xls"):
                raise Unreadable(
                    _("This is an Excel workbook, whatever its name says. In Excel, save it as “CSV UTF-8”.")
                )
            raise Unreadable(_("This is a %(kind)s file, not a CSV file.") % {"kind": kind.upper()})


def _guess_encoding(start: bytes) -> str:
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    if start[:4096].count(b"\0") > len(start[:4096]) // 4:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < LOOK_AT)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _guess_delimiter(text: str) -> str:
    """The one that splits the first lines into the same number of columns, more than one."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count)
        score = (widths.count(usual) if usual > 1 else 0, usual)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _first_rows(text: str, delimiter: str, *, cut: bool) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > 20:
                break
    except csv.Error:
        raise Unreadable(
            _("A row of the file is longer than any CSV row can be. Is a quotation mark missing?")
        ) from None
    if cut and 1 < len(rows) <= 20:
        rows.pop()  # it may be cut in half
    return rows
