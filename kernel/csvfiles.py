"""Write CSV files in which no cell is a formula for a spreadsheet program (CSV injection, CWE-1236)."""

import csv
import io
import re
from collections.abc import Iterable

#: Also in their full width, which spreadsheet programs of East Asia read as the same signs (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A signed number is harmless: +33612345678 and -5 stay as they are, so that an exported file can be imported again.
NUMBER = re.compile(r"[+-]\d+(?:[.,]\d+)?")


def safe_cell(value: object) -> str:
    """The cell's text, with an apostrophe in front where a spreadsheet would read a formula. None becomes empty."""
    text = "" if value is None else str(value)
    if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def bare_cell(text: str) -> str:
    """The text without the apostrophe that `safe_cell` adds."""
    return text[1:] if text.startswith("'") and text[1:2] in FORMULA_STARTS else text


def write(rows: Iterable[Iterable], delimiter: str = ",") -> str:
    """Rows as CSV text. It starts with a BOM, without which Excel does not read UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=delimiter)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
