"""How a column's dates and numbers are written: 03/04/2026 and 1,234 can be read in two ways, 25/12/2026 in one.

A *reading* says for each kind which way it is: {"date": "month_first", "number": "comma"}. Cells that can be read in
but one way prove it. Where none does, the last file with the same columns counts, then the workspace's country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import dateparse, formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.fields import values
from contacts.models import ContactField

Kind = ContactField.Kind
Reading = dict[str, str]
EITHER = "either"
LONGEST = 40
# The ways to read a kind, as keyword arguments of `values.read`.
WAYS: dict[str, dict[str, dict[str, bool]]] = {
    Kind.DATE.value: {"day_first": {"day_first": True}, "month_first": {"day_first": False}},
    Kind.NUMBER.value: {
        "comma": {"decimal_comma": True, "point_groups": True},
        "point": {"decimal_comma": False, "point_groups": False},
    },
}
IN_GENERAL = {
    "day_first": gettext_lazy("Day first: 31/12/2026"),
    "month_first": gettext_lazy("Month first: 12/31/2026"),
    "comma": gettext_lazy("Decimal comma: 1.234,5"),
    "point": gettext_lazy("Decimal point: 1,234.5"),
}
_COMMA = re.compile(r"-?(?:(?:\d+|\d{1,3}(?:\.\d{3})+),\d+|\d{1,3}(?:\.\d{3}){2,})")
_POINT = re.compile(r"-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)\.\d+|\d{1,3}(?:,\d{3}){2,})")


@dataclass
class Signs:
    """How many cells of a column prove each way, and a cell of each kind to show: one that can be read both ways, if
    there is any."""

    day_first: int = 0
    month_first: int = 0
    comma: int = 0
    point: int = 0
    date: str = ""
    number: str = ""

    def add(self, cell: str) -> None:
        cell = cell.strip()
        if len(cell) > LONGEST or cell.isalpha() or cell.isdigit() or isinstance(cell, values.Exact):
            return
        self._note(Kind.DATE.value, cell, date_order(cell))
        self._note(Kind.NUMBER.value, cell, decimal_sign(cell))

    def _note(self, kind: str, cell: str, way: str) -> None:
        if not way:
            return
        if way != EITHER:
            setattr(self, way, getattr(self, way) + 1)
        example = getattr(self, kind)
        if not example or (way == EITHER and not is_open(kind, example)):
            setattr(self, kind, cell)


def date_order(text: str) -> str:
    """Which way a short date proves, EITHER where it proves none; empty where there is but one, as for 03/03/2026."""
    found = values.SHORT_DATE.fullmatch(text)
    if not found:
        return ""
    first, second = int(found[1]), int(found[2])
    if first == second or not 0 < min(first, second) <= 12 or max(first, second) > 31:
        return ""
    if max(first, second) <= 12:
        return EITHER
    return "day_first" if first > 12 else "month_first"


def decimal_sign(text: str) -> str:
    """Which sign a number proves to be the decimal one, EITHER where it proves none; empty for everything else."""
    if "," not in text and "." not in text:
        return ""
    bare = values.bare_number(text)
    if values.OPEN_NUMBER.fullmatch(bare):
        return EITHER
    return "comma" if _COMMA.fullmatch(bare) else "point" if _POINT.fullmatch(bare) else ""


def is_open(kind: str, example: str) -> bool:
    """Whether it can be read both ways."""
    return (date_order(example) if kind == Kind.DATE else decimal_sign(example)) == EITHER


def of_rows(rows: Iterable[list[str]]) -> list[Signs]:
    """The signs of each column."""
    found: list[Signs] = []
    for row in rows:
        add(found, row)
    return found


def add(found: list[Signs], row: list[str]) -> None:
    """Take a row into account."""
    while len(found) < len(row):
        found.append(Signs())
    for column, cell in zip(found, row, strict=False):
        if cell:
            column.add(cell)


def settle(column: Signs, conventions: dict[str, bool], remembered: Reading | None = None) -> Reading:
    """The reading of a column. Where its cells contradict each other, the more frequent way counts."""
    reading = {kind: way for kind, way in (remembered or {}).items() if way in WAYS.get(kind, {})}
    for kind, (one, other) in WAYS.items():
        ones, others = getattr(column, one), getattr(column, other)
        if ones != others:
            reading[kind] = one if ones > others else other
        elif getattr(column, kind) and kind not in reading:
            reading[kind] = _usual(kind, column, conventions)
    return reading


def spelled(reading: Reading) -> dict[str, bool]:
    """The keyword arguments of `values.read`."""
    written = {}
    for kind, way in reading.items():
        written |= WAYS.get(kind, {}).get(way, {})
    return written


def in_words(kind: str, way: str, example: str) -> str:
    """What an example is, read this way: "03/04/2026 is 3 April 2026"."""
    try:
        value = values.read(kind, example, **WAYS[kind][way])
    except values.BadValue:
        return _("%(text)s is not a date") % {"text": example}
    if kind == Kind.DATE:
        return _("%(text)s is %(value)s") % {
            "text": example,
            "value": formats.date_format(dateparse.parse_date(value), "j F Y"),
        }
    # 1,234 would say as little as what is asked.
    words = _("%(text)s is %(value)d") if isinstance(value, int) else _("%(text)s is %(value)d and some decimals")
    return words % {"text": example, "value": value}


def _usual(kind: str, column: Signs, conventions: dict[str, bool]) -> str:
    """As the country writes; but a lone point is a machine's, wherever it stands."""
    if kind == Kind.DATE:
        return "day_first" if conventions["day_first"] else "month_first"
    return "comma" if conventions["decimal_comma"] and "," in column.number else "point"
