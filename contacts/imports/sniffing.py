"""Guesses a file's encoding, delimiter and header from its beginning. On the page, people can correct them."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from contacts.imports import format_inference
from contacts.imports.delimited import Reader, TextFormat
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import MAX_COLUMNS, Unreadable

SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 21
DELIMITERS = ",;\t|"
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16": "UTF-16 (BOM)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
}
_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
_OTHER_FORMATS = {
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"{\\rtf": "RTF",
}
_LETTERS = frozenset("éèêëàâçùûüôöîïœäßñáíóúÉÈÊÀÂÇÙÔÎŒÄÖÜ’–€")


@dataclass(frozen=True)
class FileSample:
    """The format of a file, its first rows, and the evidence of how its dates and numbers are written."""

    encoding: str
    delimiter: str
    has_header: bool
    rows: list[list[str]]  # the first few, header included
    evidence: list[FormatEvidence] = field(default_factory=list)  # for each column, from the sampled rows


def inspect(
    start: bytes,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    more_chunks: Iterable[bytes] = (),
) -> FileSample:
    """Inspect the first bytes of a file, and guess what is not given. Raises Unreadable.

    `more_chunks` are chunks from its rest, each from an even offset: if a file is sorted by date, perhaps only these
    prove the order of day and month.
    """
    _refuse_other_formats(start)
    encoding = encoding or _guess_encoding(start)
    text = decode_start(start, encoding)
    if not text.strip():
        raise Unreadable(_("The file is empty. Export it again and check that it contains rows."))
    # Excel's first line "sep=;", which gives the delimiter.
    if sep_line := re.match(r"\ufeff?sep=([,;\t|])\r?\n", text, re.IGNORECASE):
        delimiter, text = delimiter or sep_line[1], text[sep_line.end() :]
    delimiter = delimiter or _guess_delimiter(text)
    found = _rows(text, delimiter, cut=len(start) >= SAMPLE_BYTES)
    rows = found[:SAMPLE_ROWS]
    if not rows:
        raise Unreadable(_("The file contains no rows."))
    width = max(map(len, rows))
    if width > MAX_COLUMNS:
        raise _too_wide()
    has_header = guess_header(rows) if has_header is None else has_header
    evidence = format_inference.evidence_of(row[:width] for row in found[int(has_header) :])
    for chunk in more_chunks:
        for row in _rows_of_chunk(start, chunk, encoding, delimiter):
            if len(row) == len(rows[0]):
                format_inference.add(evidence, row)
    return FileSample(encoding, delimiter, has_header, rows, evidence)


def _too_wide() -> Unreadable:
    return Unreadable(_("The file has more than %(n)d columns. Delete the ones you don't need.") % {"n": MAX_COLUMNS})


def guess_header(rows: list[list[str]]) -> bool:
    """Whether the first row is a header: column names contain no e-mail address and no phone number."""
    return not any("@" in cell or re.fullmatch(r"[+\d][\d .()/-]{6,}", cell.strip()) for cell in rows[0])


def decode_start(start: bytes, encoding: str) -> str:
    """The beginning of the file as text; a character that is cut at its end is dropped. Raises Unreadable."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    try:
        return decoder.decode(start, final=False)
    except UnicodeError:  # UTF-16 without a byte order mark is refused, even with errors="replace"
        raise Unreadable(_("The file doesn't use the selected encoding. Choose another one.")) from None


def is_workbook(start: bytes) -> bool:
    """Whether the file is a ZIP archive, as Excel's workbooks are."""
    return start.startswith(b"PK\x03\x04")


def _refuse_other_formats(start: bytes) -> None:
    for magic, kind in _OTHER_FORMATS.items():
        if start.startswith(magic):
            if kind == "xls":
                raise Unreadable(
                    _(
                        "This is an old Excel file (.xls) or a password-protected one. In Excel, save"
                        " it as “Excel workbook (.xlsx)” or “CSV UTF-8” without a password."
                    )
                )
            raise Unreadable(
                _("This is a %(kind)s file. Export your contacts as CSV or Excel (.xlsx).") % {"kind": kind.upper()}
            )


def _guess_encoding(start: bytes) -> str:
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    if start[:4096].count(b"\0") > len(start[:4096]) // 4:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return _windows_or_mac(start)
    return "utf-8"


def _windows_or_mac(start: bytes) -> str:
    """The encoding that turns more bytes into letters that people write; Windows-1252 if they are equal."""
    windows, mac = (
        sum(char in _LETTERS for char in start.decode(encoding, "replace")) for encoding in ("cp1252", "mac_roman")
    )
    return "mac_roman" if mac > windows else "cp1252"


def _guess_delimiter(text: str) -> str:
    """The delimiter that splits most of the first lines into the same number of columns, more than one."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:  # with this delimiter, a cell has no end
            continue
        usual = max(set(widths), key=widths.count)
        score = (widths.count(usual) if usual > 1 else 0, usual)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows_of_chunk(start: bytes, chunk: bytes, encoding: str, delimiter: str) -> list[list[str]]:
    """The rows of a chunk that begins and ends anywhere in the file; none if it can't be read."""
    byte_order_mark = start[:2] if encoding == "utf-16" else b""
    text = decode_start(byte_order_mark + chunk, encoding)
    try:
        return _rows(text.partition("\n" if "\n" in text else "\r")[2], delimiter, cut=True)
    except Unreadable:
        return []


def _rows(text: str, delimiter: str, *, cut: bool) -> list[list[str]]:
    """The rows that are not blank; without the last one if the text is `cut`. Raises Unreadable if the first rows can't
    be read."""
    rows = []
    for _line, cells in Reader([text.replace("\0", "")], TextFormat(delimiter), complete=not cut):
        if isinstance(cells, list):
            if any(cell.strip() for cell in cells):
                rows.append(cells)
        elif len(rows) >= SAMPLE_ROWS:
            continue  # the import rejects it
        elif cells.too_wide:
            raise _too_wide()
        else:
            raise Unreadable(_("A row of the file is far too long for a CSV file. A quotation mark may be missing."))
    if cut and len(rows) > 1:
        rows.pop()  # it may be incomplete
    return rows
