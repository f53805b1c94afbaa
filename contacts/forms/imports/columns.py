"""A column of a file as a row of the mapping page, and the parts of such a row.

A part is what is asked about a column once its meaning is chosen: how its dates are read, the kind of a new field. Each
has a class here or in a module beside this one, a template in contacts/imports/columns/, and a place in
`mapping.PARTS`. static/css/components/columns.css shows it while the chosen option has its kind as data-kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from accounts import countries
from contacts.fields.values import ReadOptions
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.sniffing import FileSample
from contacts.models import ContactImport

MAX_EXAMPLES = 3


@dataclass
class Column:
    """A column of the file; `n` counts from 0."""

    n: int
    heading: str
    label: str  # the heading, or “Column 3”
    target: str
    values: list[str]  # a sample of its filled cells
    evidence: FormatEvidence
    sample: FileSample
    conventions: ReadOptions
    meaning: str = ""
    chosen: str = ""  # the meaning as posted, else as proposed
    reading: dict[str, Any] = field(default_factory=dict)  # as of ContactImport.reading
    new_name: str = ""  # the merge tag of a new field, if the column can become one
    new_label: str = ""
    new_kind: str = ""

    @property
    def examples(self) -> list[str]:
        """The first three different values."""
        return list(dict.fromkeys(self.values))[:MAX_EXAMPLES]


class Part(ABC):
    """What is asked about a column. The field for its answer “date” about column 3 is called date_3."""

    template: ClassVar[str]

    @abstractmethod
    def fields(self, column: Column) -> dict[str, forms.Field]:
        """The form fields by the name of their answer; none if there is nothing to ask."""

    def reading(self, column: Column, answers: dict[str, Any]) -> dict[str, Any]:
        """What the answers add to ContactImport.reading of the column."""
        return {}

    def context(self, part: BoundPart) -> dict[str, Any]:
        """More for the template, as `part.context`."""
        return {}


@dataclass
class BoundPart:
    """A part with its bound fields, for its template."""

    part: Part
    column: Column
    fields: dict[str, BoundField]

    @property
    def template(self) -> str:
        return self.part.template

    @property
    def asks_for_country(self) -> bool:
        return "country" in self.fields

    @property
    def context(self) -> dict[str, Any]:
        return self.part.context(self)


@dataclass
class ColumnRow:
    """A row of the page."""

    column: Column
    meaning: BoundField
    parts: list[BoundPart]

    @property
    def state(self) -> str:
        """What is chosen: "known" for something that exists, "new" for a new field, "out"."""
        chosen = str(self.meaning.value() or "")
        if not chosen:
            return "out"
        return "new" if chosen.startswith("new:") else "known"

    @property
    def is_apart(self) -> bool:
        """Whether the row stands among the columns that are left out: those without values, and in a file of events all
        of them, since a shop's orders have fifty."""
        is_unwanted = not self.column.values or self.column.target == ContactImport.Target.EVENTS
        return is_unwanted and self.state == "out" and not self.meaning.errors


class ColumnGroups:
    """The rows of the page in two groups, with the number of those in each state."""

    def __init__(self, rows: list[ColumnRow]):
        self.filled = [row for row in rows if not row.is_apart]
        self.empty = [row for row in rows if row.is_apart]
        states = [row.state for row in rows]
        self.ask_for_country = any(part.asks_for_country for row in rows for part in row.parts)
        self.known, self.new, self.out = (states.count(state) for state in ("known", "new", "out"))

    @property
    def countries(self) -> list[str]:
        """The names of all countries: one list for the page."""
        return [name for _code, name in countries.choices()]
