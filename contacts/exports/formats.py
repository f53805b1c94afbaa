"""Writes rows as CSV, Excel or JSON, piece by piece, into anything with write(bytes).

A cell is None, text, a number, a boolean, a point in time or a list of texts. No cell can start a formula: in CSV, a
text that looks like a formula gets an apostrophe (a number, such as a phone number, does not); in Excel, every text is
a text cell.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, Protocol
from xml.sax.saxutils import escape

from contacts.identity import name_lists
from kernel.csvfiles import FORMULA_STARTS, safe_cell

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Column:
    name: str
    own: bool = False  # one of the workspace's own fields: in JSON it is under "fields"


class Sink(Protocol):
    """What a writer writes into."""

    def write(self, data: bytes, /) -> int: ...


class Writer(Protocol):
    """Writes rows in one format. `close` must be called at the end."""

    def write(self, rows: list[tuple]) -> None: ...

    def close(self) -> None: ...


def as_text(value: Any) -> str:
    """The text of a cell in CSV and Excel."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, list):
        return name_lists.join(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class Csv:
    """RFC 4180 in UTF-8, with a BOM because Excel needs one to read UTF-8."""

    def __init__(self, sink: Sink, columns: list[Column]):
        self._sink = sink
        self._sink.write(b"\xef\xbb\xbf")
        self.write([tuple(column.name for column in columns)])

    def write(self, rows: list[tuple]) -> None:
        out = io.StringIO()
        csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
        self._sink.write(out.getvalue().encode())

    def close(self) -> None:
        pass


def _safe(value: Any) -> str:
    """safe_cell(as_text(value)), three times faster for a cell that needs no change."""
    if value is None or value == "":
        return ""
    text = value if type(value) is str else as_text(value)
    return safe_cell(text) if text[:1] in FORMULA_STARTS else text


class Json:
    """One array of objects, one per line. A missing value is null; own fields without a value are left out."""

    def __init__(self, sink: Sink, columns: list[Column]):
        self._sink, self._columns = sink, columns
        self._sink.write(b"[")
        self._separator = "\n"

    def write(self, rows: list[tuple]) -> None:
        lines = [json.dumps(self._object(row), ensure_ascii=False, default=as_text) for row in rows]
        if lines:
            self._sink.write((self._separator + ",\n".join(lines)).encode())
            self._separator = ",\n"

    def close(self) -> None:
        self._sink.write(b"\n]\n")

    def _object(self, row: tuple) -> dict:
        pairs = list(zip(self._columns, row, strict=True))
        found = {column.name: cell for column, cell in pairs if not column.own}
        own = {column.name: cell for column, cell in pairs if column.own and cell is not None}
        return found | {"fields": own} if any(column.own for column in self._columns) else found


# Characters that XML 1.0 doesn't allow.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MAX_CELL_LENGTH = 32_767  # Excel's limit
MAX_SHEET_ROWS = 1_048_576  # Excel's limit
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Text cells have style 1, whose number format 49 is "text": what somebody types over a phone number stays text, too.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Xlsx:
    """An Office Open XML workbook (ECMA-376), written directly into the ZIP: openpyxl would first write the sheet to
    the disk and take eight times as long. When a sheet is full, the next one follows."""

    def __init__(self, sink: Any, columns: list[Column], *, max_rows: int = MAX_SHEET_ROWS):
        self._zip = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._names = tuple(column.name for column in columns)
        self._max_rows, self._sheets, self._rows_left = max_rows, 0, 0
        self._sheet = self._next_sheet()

    def write(self, rows: list[tuple]) -> None:
        while rows:
            if not self._rows_left:
                self._end_sheet()
                self._sheet = self._next_sheet()
            fitting, rows = rows[: self._rows_left], rows[self._rows_left :]
            self._rows_left -= len(fitting)
            self._sheet.write("".join(map(self._row, fitting)).encode())

    def close(self) -> None:
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        sheets = "".join(f'<sheet name="Export {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
        )
        files = {
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship '
            f'Id="styles" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>',
        }
        for name, text in files.items():
            self._zip.writestr(name, _HEAD + text)
        self._zip.writestr("xl/styles.xml", _STYLES)
        self._zip.close()

    def _next_sheet(self) -> IO[bytes]:
        self._sheets += 1
        sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        sheet.write(self._row(self._names).encode())
        self._rows_left = self._max_rows - 1
        return sheet

    def _end_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    @staticmethod
    def _row(row: tuple) -> str:
        return f"<row>{''.join(map(_cell, row))}</row>"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = as_text(value)[:MAX_CELL_LENGTH]
    if not text.isprintable():
        text = NOT_IN_XML.sub("\ufffd", text)
    return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


WRITERS: dict[str, Callable[[Any, list[Column]], Writer]] = {"csv": Csv, "json": Json, "xlsx": Xlsx}
