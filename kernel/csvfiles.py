"""Writing CSV that a spreadsheet opens as text: no cell starts a formula (CWE-1236)."""

import csv
import io
import re
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
# A signed number computes nothing: +33612345678 and -5 stay as they are, so that a file can be read back.
NUMBER = re.compile(r"[+-]\d+(?:[.,]\d+)?")


def safe_cell(value) -> str:
    text = "" if value is None else str(value)
    if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def bare_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:2] in FORMULA_STARTS else text


def write(rows: Iterable[Iterable]) -> str:
    """Rows as CSV text with a BOM, which is what makes Excel read UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
