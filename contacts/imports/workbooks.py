"""Reads Excel workbooks as a stream. Dangerous files, and files that are no workbooks, are refused.

openpyxl parses with defusedxml. A workbook is a ZIP archive, so its directory is checked before anything is unpacked.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

from contacts.fields.values import Exact
from contacts.imports import format_inference
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import MAX_COLUMNS, Unreadable

MAX_PARTS = 2000
MAX_UNPACKED_BYTES = 1 << 30
MAX_SHARED_STRINGS_BYTES = 150 << 20  # openpyxl holds xl/sharedStrings.xml in memory
MAX_RATIO = 200  # unpacked to packed; an ordinary workbook has 10
MAX_ROWS = 1_048_576  # Excel's own limit
MAX_SHEETS = 50
SAMPLE_ROWS = 21
MAX_SAMPLED_CELLS = 30_000  # cells, over all sheets: half a second
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_ZEROS = re.compile(r"0{2,}")


def refuse_bombs(file: Any) -> None:
    """Raises Unreadable unless the archive is a plain workbook of a reasonable size."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):  # the last: a newer version of ZIP
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
    bomb = len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 100_000)
    if bomb or texts > MAX_SHARED_STRINGS_BYTES:
        raise Unreadable(
            _("This workbook is too large once extracted. Save the sheet as “CSV UTF-8” and import that file.")
        )


def sheets(file: Any) -> tuple[dict[str, list[list[str]]], dict[str, list[FormatEvidence]]]:
    """For each sheet that has rows: its first rows, and the format evidence of its columns. Raises Unreadable."""
    refuse_bombs(file)
    book = _open(file)
    first_rows: dict[str, list[list[str]]] = {}
    evidence: dict[str, list[FormatEvidence]] = {}
    cells_left = MAX_SAMPLED_CELLS
    for sheet in _worksheets(book)[:MAX_SHEETS]:
        rows: list[list[str]] = []
        columns: list[FormatEvidence] = []
        for cells in _rows(sheet):
            if any(cells) and len(rows) < SAMPLE_ROWS:
                rows.append([cell[:200] for cell in cells])
            format_inference.add(columns, cells)
            cells_left -= len(cells) + 1
            if len(rows) == SAMPLE_ROWS and cells_left < 0:
                break
        if rows:
            first_rows[sheet.title[:100]], evidence[sheet.title[:100]] = rows, columns
    if not first_rows:
        raise Unreadable(_("The workbook contains no rows. Check that you saved the right one."))
    return first_rows, evidence


def rows(file: Any, name: str) -> Iterator[list[str]]:
    """Each row of a sheet, also the blank ones. Raises Unreadable."""
    refuse_bombs(file)
    for sheet in _worksheets(_open(file)):
        if sheet.title[:100] == name:
            return _rows(sheet)
    raise Unreadable(_("The workbook has no sheet called “%(name)s”.") % {"name": name})


def _open(file: Any) -> openpyxl.Workbook:
    # The library raises many kinds of errors on broken or malicious files. The merchant gets one message for all.
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception:
        raise Unreadable(
            _("The workbook can't be read. Open it in Excel, save it again and import it once more.")
        ) from None


def _worksheets(book: openpyxl.Workbook) -> list[Any]:
    """The sheets with cells; chart sheets have none."""
    return [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # the size that the file states may be wrong
    source = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
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
        if number > MAX_ROWS:
            raise Unreadable(_("The sheet has more rows than a workbook can have."))
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise Unreadable(
                _("A row has more than %(n)d columns. Delete the ones you don't need.") % {"n": MAX_COLUMNS}
            )
        yield texts


def _text(cell: Any) -> str:
    """A cell as a person sees it: a date as 2026-03-12, a whole number without .0, a postcode with its zeros."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in ERRORS else value.strip().replace("\0", "\ufffd")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value, str(cell.number_format or ""))
    return _time_text(value) if isinstance(value, dt.date | dt.time) else str(value)


def _number_text(value: float, number_format: str) -> str:
    """A number; with leading zeros if the format consists of zeros, such as 00000 for a postcode."""
    if not (isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)):
        return Exact(value)
    digits = str(int(value))
    return digits.zfill(len(number_format)) if _ZEROS.fullmatch(number_format) else digits


def _time_text(value: dt.date | dt.time) -> str:
    """A date, a time, or both in ISO 8601; a date and time at midnight as a date."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return value.isoformat()
