"""Infers how a column's dates and numbers are written: 03/04/2026 and 1,234 can be read in two ways, 25/12/2026 in one.

A *reading* gives the way for each kind: {"date": "month_first", "number": "comma"}. Cells that can be read in only one
way prove it. Without such a cell, the last file with the same columns decides, then the workspace's country.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.fields import values
from contacts.models import ContactField

Kind = ContactField.Kind
Reading = dict[str, Any]
EITHER = "either"
MAX_CELL_LENGTH = 40
MAX_DISTINCT = 60
MAX_SHOWN_LENGTH = 60
# How many cells of a column are kept: spread evenly over the rows, and one of each shape.
MAX_SPREAD, MAX_SHAPES = 32, 24
# The ways to read a kind, as keyword arguments of `values.read`.
WAYS: dict[str, dict[str, values.ReadOptions]] = {
    Kind.DATE.value: {"day_first": {"day_first": True}, "month_first": {"day_first": False}},
    Kind.NUMBER.value: {
        "comma": {"decimal_comma": True, "point_groups": True},
        "point": {"decimal_comma": False, "point_groups": False},
    },
}
WAY_LABELS = {
    "day_first": gettext_lazy("Day first: 31/12/2026"),
    "month_first": gettext_lazy("Month first: 12/31/2026"),
    "comma": gettext_lazy("Decimal comma: 1.234,5"),
    "point": gettext_lazy("Decimal point: 1,234.5"),
}
_DIGITS = str.maketrans("012345678", "9" * 9)
_COMMA = re.compile(r"-?(?:(?:\d+|\d{1,3}(?:\.\d{3})+),\d+|\d{1,3}(?:\.\d{3}){2,})")
_POINT = re.compile(r"-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)\.\d+|\d{1,3}(?:,\d{3}){2,})")


@dataclass
class FormatEvidence:
    """How many cells of a column prove each way, and for each kind an example cell to show: an ambiguous one, if there
    is any; and a sample of its cells. Kept as JSON in ContactImport.preview, under "signs".

    The sample holds every `stride`-th filled cell, so that it is spread over all rows seen, and the first cell of each
    shape, digits being alike: one postcode 01200 among thousands of others is never overlooked.
    """

    day_first: int = 0
    month_first: int = 0
    comma: int = 0
    point: int = 0
    date: str = ""
    number: str = ""
    # The first different cells, with how often each was seen: what a column says about consent is asked by value.
    distinct: dict[str, int] = field(default_factory=dict)
    filled: int = 0
    stride: int = 1
    spread: list[str] = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> list[str]:
        """The sample of the column's cells."""
        return self.spread + [cell for cell in self.shapes.values() if cell not in self.spread]

    def add(self, cell: str) -> None:
        cell = cell.strip()
        if not cell:
            return
        self._keep(cell)
        if cell in self.distinct or len(self.distinct) < MAX_DISTINCT:
            self.distinct[cell[:MAX_CELL_LENGTH]] = self.distinct.get(cell[:MAX_CELL_LENGTH], 0) + 1
        if len(cell) > MAX_CELL_LENGTH or cell.isalpha() or cell.isdigit() or isinstance(cell, values.Exact):
            return
        self._note(Kind.DATE.value, cell, date_order(cell))
        self._note(Kind.NUMBER.value, cell, decimal_sign(cell))

    def _keep(self, cell: str) -> None:
        if self.filled % self.stride == 0:
            self.spread.append(cell[:MAX_SHOWN_LENGTH])
            if len(self.spread) == 2 * MAX_SPREAD:
                self.spread = self.spread[::2]
                self.stride *= 2
        self.filled += 1
        if len(self.shapes) < MAX_SHAPES:
            # A leading zero makes a shape of its own.
            shape = cell[:1] + cell[1:MAX_SHOWN_LENGTH].translate(_DIGITS)
            self.shapes.setdefault(shape if shape[0] == "0" else shape.translate(_DIGITS), cell[:MAX_SHOWN_LENGTH])

    def _note(self, kind: str, cell: str, way: str) -> None:
        if not way:
            return
        if way != EITHER:
            setattr(self, way, getattr(self, way) + 1)
        example = getattr(self, kind)
        if not example or (way == EITHER and not is_ambiguous(kind, example)):
            setattr(self, kind, cell)


def date_order(text: str) -> str:
    """The way that a short date proves; EITHER if it is ambiguous; empty if it can be read in one way only, such as
    03/03/2026, or is no short date."""
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
    """The decimal sign that a number proves; EITHER if it is ambiguous; empty for everything else."""
    if "," not in text and "." not in text:
        return ""
    bare = values.bare_number(text)
    if values.AMBIGUOUS_NUMBER.fullmatch(bare):
        return EITHER
    return "comma" if _COMMA.fullmatch(bare) else "point" if _POINT.fullmatch(bare) else ""


def is_ambiguous(kind: str, example: str) -> bool:
    """Whether the example can be read in both ways."""
    return (date_order(example) if kind == Kind.DATE else decimal_sign(example)) == EITHER


def evidence_of(rows: Iterable[list[str]]) -> list[FormatEvidence]:
    """The evidence of each column."""
    found: list[FormatEvidence] = []
    for row in rows:
        add(found, row)
    return found


def add(found: list[FormatEvidence], row: list[str]) -> None:
    """Add a row to the evidence of the columns."""
    while len(found) < len(row):
        found.append(FormatEvidence())
    for column, cell in zip(found, row, strict=False):
        if cell:
            column.add(cell)


def choose_reading(
    column: FormatEvidence,
    conventions: values.ReadOptions,
    remembered: Reading | None = None,
    *,
    asks_dates: bool = False,
) -> Reading:
    """The reading of a column. If its cells contradict each other, the more frequent way wins. With `asks_dates`,
    that of dates is left out where nothing proves it, so that people are asked."""
    earlier = remembered or {}
    reading: Reading = {kind: earlier[kind] for kind, ways in WAYS.items() if earlier.get(kind) in ways}
    for kind, (one, other) in WAYS.items():
        ones, others = getattr(column, one), getattr(column, other)
        if ones != others:
            reading[kind] = one if ones > others else other
        elif getattr(column, kind) and kind not in reading and not (asks_dates and kind == Kind.DATE):
            reading[kind] = _default_way(kind, column, conventions)
    return reading


def read_options(reading: Reading) -> values.ReadOptions:
    """The keyword arguments of `values.read` for this reading."""
    options: values.ReadOptions = {}
    for kind, ways in WAYS.items():
        options |= ways.get(reading.get(kind, ""), {})
    return options


def describe(kind: str, way: str, example: str) -> str:
    """The example, read this way, as a sentence: "03/04/2026 is 3 April 2026"."""
    try:
        value = values.read(kind, example, **WAYS[kind][way])
    except values.BadValue:
        return _("%(text)s is not a date") % {"text": example}
    if kind == Kind.DATE:
        return _("%(text)s is %(value)s") % {
            "text": example,
            "value": formats.date_format(dt.date.fromisoformat(str(value)), "j F Y"),
        }
    # Formatted without separators: "1,234" would be as ambiguous as the example.
    words = _("%(text)s is %(value)d") if isinstance(value, int) else _("%(text)s is %(value)d and some decimals")
    return words % {"text": example, "value": value}


def _default_way(kind: str, column: FormatEvidence, conventions: values.ReadOptions) -> str:
    """The way that is usual in the country. A number with a point only was probably written by a program, so the point
    is the decimal sign in every country."""
    if kind == Kind.DATE:
        return "day_first" if conventions["day_first"] else "month_first"
    return "comma" if conventions["decimal_comma"] and "," in column.number else "point"
