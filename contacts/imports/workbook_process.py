"""Reads a workbook in a process of its own (kernel.bounded_process), without Django. Yields rows and problems.

openpyxl parses with defusedxml. A workbook is a ZIP archive, so its directory is checked before anything is unpacked.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import openpyxl
import python_calamine
from openpyxl.worksheet import _reader

MAX_PARTS = 2000
MAX_UNPACKED_BYTES = 1 << 30
MAX_OTHER_PART_BYTES = 150 << 20  # a part that is no sheet: openpyxl holds all shared texts in memory
MAX_RATIO = 200  # unpacked to packed; an ordinary workbook has 10
MAX_ROWS = 1_048_576  # Excel's own limit
MAX_COLUMNS = 500
MAX_CELL_LENGTH = 100_000  # Excel's own limit is 32,767
MAX_ROW_LENGTH = 1_000_000
MAX_SHEETS = 50
SAMPLE_ROWS = 21
MAX_SAMPLED_CELLS = 30_000  # cells, over all sheets: half a second. A row counts as one more, so blank ones count
MIN_SAMPLED_ROWS = 1000  # of each sheet, however many cells the sheets before it had
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MAX_DIRECTORY = 1 << 20  # bytes at an end of an old file, where the names of its streams stand
# Files within archives that show what program wrote them, and the key of the advice.
OTHER_ARCHIVES = {
    "index/document.iwa": "numbers",
    "index.zip": "numbers",
    "xl/workbook.bin": "xlsb",
    "word/document.xml": "document",
    "ppt/presentation.xml": "document",
}
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_ZEROS = re.compile(r"0{2,}")

#: A cell is a text, or a list of one text for a number that a program wrote.
Cell: TypeAlias = "str | list[str]"


class Problem(Exception):
    """Raised with the key of a text for the merchant, and the number of a row."""

    def __init__(self, key: str, n: int = 0):
        super().__init__(key)
        self.key, self.n = key, n


def main(arguments: Sequence[str], file: Any) -> Iterator[Any]:
    """With "sample": {"sheet": title} for each sheet, followed by its first rows as {"row": number, "cells": [..]}.
    With "rows" and a title: the rows of the sheet. A problem is the last message."""
    try:
        if arguments[0] == "sample":
            yield {"kind": kind_of(file)}
            yield from _sample(file)
        else:
            yield from _sheet(file, arguments[1])
    except Problem as problem:
        yield {"problem": problem.key, "n": problem.n}
    except MemoryError:
        yield {"problem": "too_large", "n": 0}


def _sample(file: Any) -> Iterator[Any]:
    cells_left = MAX_SAMPLED_CELLS
    for title, source in islice(_sheets(file), MAX_SHEETS):
        yield {"sheet": title[:100]}
        filled = 0
        for number, cells in enumerate(_rows(source()), 1):
            cells_left -= len(cells) + 1
            if any(cells):
                filled += 1
                yield {"row": number, "cells": cells}
            if cells_left < 0 and (filled >= SAMPLE_ROWS or number >= MIN_SAMPLED_ROWS):
                break


def _sheet(file: Any, title: str) -> Iterator[Any]:
    for name, source in _sheets(file):
        if name[:100] == title:
            yield from _rows(source())
            return
    raise Problem("no_sheet")


def refuse_bombs(file: Any) -> None:
    """Raises Problem unless the archive is a plain workbook of a reasonable size."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):  # the last: a newer version of ZIP
        raise Problem("damaged") from None
    names = {part.filename.lower() for part in parts}
    if problem := next((problem for name, problem in OTHER_ARCHIVES.items() if name in names), ""):
        raise Problem(problem)
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise Problem("archive")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Problem("macros")
    if any(part.flag_bits & 1 for part in parts):
        raise Problem("password")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    others = [part.file_size for part in parts if not part.filename.lower().startswith("xl/worksheets/")]
    bomb = len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 100_000)
    if bomb or max(others) > MAX_OTHER_PART_BYTES:
        raise Problem("too_large")


def kind_of(file: Any) -> str:
    """The format, a value of ContactImport.Format. Raises Problem."""
    file.seek(0)
    if file.read(len(OLD_EXCEL)) == OLD_EXCEL:
        return "xls"
    refuse_bombs(file)
    with zipfile.ZipFile(file) as archive:
        return "xlsx" if "xl/workbook.xml" in {name.lower() for name in archive.namelist()} else "ods"


#: Gives the rows of a sheet: for each, the values of its cells with their number formats.
Source: TypeAlias = "Callable[[], Iterator[Sequence[tuple[Any, str]]]]"


def _sheets(file: Any) -> Iterator[tuple[str, Source]]:
    """(title, source of its rows) of each sheet."""
    if kind_of(file) == "xlsx":
        for sheet in _worksheets(_open(file)):
            yield sheet.title, partial(_rows_of_openpyxl, sheet)
        return
    book = _open_with_calamine(file)
    for title in book.sheet_names:
        yield title, partial(_rows_of_calamine, book, title)


def _open_with_calamine(file: Any) -> python_calamine.CalamineWorkbook:
    """An old Excel file or one of LibreOffice. The library holds it in memory, which is limited."""
    file.seek(0)
    data = file.read()
    if "EncryptedPackage".encode("utf-16-le") in data[:MAX_DIRECTORY] + data[-MAX_DIRECTORY:]:
        raise Problem("password")
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise Problem("password") from None
    except Exception:
        raise Problem("unreadable") from None


def _rows_of_calamine(book: python_calamine.CalamineWorkbook, title: str) -> Iterator[Sequence[tuple[Any, str]]]:
    for cells in book.get_sheet_by_name(title).iter_rows():
        yield [(value, "") for value in cells]


def _rows_of_openpyxl(sheet: Any) -> Iterator[Sequence[tuple[Any, str]]]:
    # The size that the file states may be wrong. Without one, each row ends with its own last cell: filled up to a
    # width, the million blank rows above a stray cell at the end of a sheet would cost minutes.
    sheet.reset_dimensions()
    for cells in sheet.iter_rows():
        yield [(cell.value, cell.number_format if isinstance(cell.value, int | float) else "") for cell in cells]


def _date_or_text(text: str) -> Any:
    try:
        return from_ISO8601(text)
    except ValueError:
        return text


def _number_or_text(text: str) -> Any:
    try:
        return cast_number(text)
    except ValueError:
        return text


# One cell with an invalid date or number must not cost the whole sheet: openpyxl would raise from within its parser.
from_ISO8601, cast_number = _reader.from_ISO8601, _reader._cast_number  # noqa: N816  (the library's name)
_reader.from_ISO8601, _reader._cast_number = _date_or_text, _number_or_text


def _open(file: Any) -> openpyxl.Workbook:
    # The library raises many kinds of errors on broken or malicious files. The merchant gets one message for all.
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception:
        raise Problem("unreadable") from None


def _worksheets(book: openpyxl.Workbook) -> list[Any]:
    """The sheets with cells; chart sheets have none."""
    return [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]


def _rows(source: Iterator[Sequence[tuple[Any, str]]]) -> Iterator[list[Cell]]:
    number = 0
    while True:
        try:
            cells = next(source, None)
        except MemoryError:
            raise
        except Exception:
            raise Problem("row_damaged", number) from None
        if cells is None:
            return
        number += 1
        if number > MAX_ROWS:
            raise Problem("rows")
        texts = [_text(value, number_format) for value, number_format in cells]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise Problem("columns")
        lengths = [len(text) for text in texts]
        if lengths and (max(lengths) > MAX_CELL_LENGTH or sum(lengths) > MAX_ROW_LENGTH):
            raise Problem("too_large")
        yield texts


def _text(value: Any, number_format: str) -> Cell:
    """A cell as a person sees it: a date as 2026-03-12, a whole number without .0, a postcode with its zeros."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in ERRORS else value.strip().replace("\0", "\ufffd")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value, str(number_format or ""))
    return _time_text(value) if isinstance(value, dt.date | dt.time) else str(value)


def _number_text(value: float, number_format: str) -> Cell:
    """A number; with leading zeros if the format consists of zeros, such as 00000 for a postcode."""
    if not (isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)):
        return [str(value)]
    digits = str(int(value))
    return digits.zfill(min(len(number_format), 30)) if _ZEROS.fullmatch(number_format) else digits


def _time_text(value: dt.date | dt.time) -> str:
    """A date, a time, or both in ISO 8601; a date and time at midnight as a date."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return value.isoformat()
