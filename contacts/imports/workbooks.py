"""Excel workbooks: refused where they are dangerous or not what they seem, read as a stream.

openpyxl parses with defusedxml. A workbook is a ZIP archive, so it is looked at before anything is unpacked.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator

import openpyxl
from django.utils.translation import gettext as _

from contacts.fields.values import Exact
from contacts.imports import format_inference
from contacts.imports.format_inference import Signs
from contacts.imports.limits import MOST_COLUMNS, Unreadable

MOST_PARTS = 2000
MOST_BYTES = 1 << 30
MOST_TEXTS = 150 << 20  # xl/sharedStrings.xml is held in memory
MOST_RATIO = 200  # an ordinary workbook shrinks to a tenth
MOST_ROWS = 1_048_576  # Excel's own limit
MOST_SHEETS = 50
SHOWN = 21
MOST_LOOKED_AT = 30_000  # cells, over all sheets: half a second
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_ZEROS = re.compile(r"0{2,}")


def refuse_bombs(file) -> None:
    """Raises Unreadable where the archive is no plain workbook of a reasonable size."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):  # the last for newer versions of ZIP
        raise Unreadable(
            _("The workbook is damaged. Open it in Excel, save it again and import it once more.")
        ) from None
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names:
        raise Unreadable(_("This is an archive, not an Excel workbook. Extract it and import the file inside."))
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable(_("This workbook contains macros. Save it as “Excel workbook (.xlsx)” without them."))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("This workbook is password-protected. Save it without a password."))
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename.lower() == "xl/sharedstrings.xml")
    bomb = len(parts) > MOST_PARTS or unpacked > MOST_BYTES or unpacked > MOST_RATIO * max(packed, 100_000)
    if bomb or texts > MOST_TEXTS:
        raise Unreadable(
            _("This workbook is too large once extracted. Save the sheet as “CSV UTF-8” and import that file.")
        )


def sheets(file) -> tuple[dict[str, list[list[str]]], dict[str, list[Signs]]]:
    """The first rows of each sheet that holds any, and the signs of their columns. Raises Unreadable."""
    refuse_bombs(file)
    book = _open(file)
    found, written = {}, {}
    left = MOST_LOOKED_AT
    for sheet in _worksheets(book)[:MOST_SHEETS]:
        rows: list[list[str]] = []
        columns: list[Signs] = []
        for cells in _rows(sheet):
            if any(cells) and len(rows) < SHOWN:
                rows.append([cell[:200] for cell in cells])
            format_inference.add(columns, cells)
            left -= len(cells) + 1
            if len(rows) == SHOWN and left < 0:
                break
        if rows:
            found[sheet.title[:100]], written[sheet.title[:100]] = rows, columns
    if not found:
        raise Unreadable(_("The workbook contains no rows. Check that you saved the right one."))
    return found, written


def rows(file, name: str) -> Iterator[list[str]]:
    """Each row of a sheet, blank ones too. Raises Unreadable."""
    refuse_bombs(file)
    for sheet in _worksheets(_open(file)):
        if sheet.title[:100] == name:
            return _rows(sheet)
    raise Unreadable(_("The workbook has no sheet called “%(name)s”.") % {"name": name})


def _open(file):
    # The library raises all kinds of errors on files made to break it; each means the same to a merchant.
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception:
        raise Unreadable(
            _("The workbook can't be read. Open it in Excel, save it again and import it once more.")
        ) from None


def _worksheets(book) -> list:
    """The sheets with cells; charts have none."""
    return [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]


def _rows(sheet) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    source = sheet.iter_rows(max_col=MOST_COLUMNS + 1)
    number = 0
    while True:
        try:
            cells = next(source, None)
        except Exception:
            raise Unreadable(
                _("The sheet is damaged after row %(n)d. Save it again in Excel.") % {"n": number}
            ) from None
        if cells is None:
            return
        number += 1
        if number > MOST_ROWS:
            raise Unreadable(_("The sheet has more rows than a workbook can have."))
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MOST_COLUMNS:
            raise Unreadable(
                _("A row has more than %(n)d columns. Delete the ones you don't need.") % {"n": MOST_COLUMNS}
            )
        yield texts


def _text(cell) -> str:
    """A cell as a person sees it: a date as 2026-03-12, a whole number without .0, a postcode with its zeros."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in ERRORS else value.strip().replace("\0", "\ufffd")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not (value.is_integer() and abs(value) < 1e15):
            return Exact(value)
        value = int(value)
    if isinstance(value, int):
        zeros = str(cell.number_format or "")
        return str(value).zfill(len(zeros)) if _ZEROS.fullmatch(zeros) else str(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
