"""What is known of the exports of a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

from contacts.imports.headings import fold

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as _StrOrPromise

#: Beside the meanings of contacts.forms.imports.meanings: a column that becomes a field of the workspace's own, and one
#: that is of no use outside of its program.
FIELD, LEAVE_OUT = "field", "leave out"


@dataclass(frozen=True)
class Shape:
    """One of the forms in which a program exports people. Headings are written as the program does, separated by
    commas, and compared as in contacts.imports.headings."""

    #: Of each of these lists, the file has at least one heading.
    needs: tuple[str, ...]
    #: Headings that are usual for the program.
    signs: str
    #: How many of the signs the file has at least.
    least: int


@dataclass(frozen=True)
class Program:
    name: str
    shapes: tuple[Shape, ...]
    #: By meaning, its headings, the most telling first: where only one column can have a meaning, the first one with
    #: values gets it, and the others become fields. “*” stands for anything.
    columns: Mapping[str, str]
    #: By heading, what the field is called that it becomes. Others are called as in the file.
    labels: Mapping[str, _StrOrPromise] = field(default_factory=dict)
    #: By heading, what values of a column about consent mean in this program, where their words don't say it: folded
    #: value (contacts.imports.consent_values.fold) to state. "" is an empty cell.
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What a merchant who comes from this program should know.
    advice: _StrOrPromise = ""

    def score(self, headings: frozenset[str]) -> int:
        """How many signs of the program a file with these folded headings has; 0 if it is none of its exports."""
        return max(_score(shape, headings) for shape in self.shapes)

    def meanings_of(self, heading: str) -> list[tuple[str, int]]:
        """(meaning, position in the list of its headings) of a folded heading."""
        return [
            (meaning, position)
            for meaning, known in self._known.items()
            for position, pattern in enumerate(known)
            if pattern.fullmatch(heading)
        ]

    def label_of(self, heading: str) -> str:
        """The name of the field that a column with this folded heading becomes; empty if it keeps its own."""
        return str(self._labels.get(heading, ""))

    def states_of(self, heading: str) -> Mapping[str, str]:
        """What values mean in a column with this folded heading, where their words don't say it."""
        return self._states.get(heading, {})

    @cached_property
    def _known(self) -> dict[str, list[re.Pattern[str]]]:
        return {meaning: [_pattern(one) for one in headings.split(",")] for meaning, headings in self.columns.items()}

    @cached_property
    def _labels(self) -> dict[str, _StrOrPromise]:
        return {fold(heading): label for heading, label in self.labels.items()}

    @cached_property
    def _states(self) -> dict[str, Mapping[str, str]]:
        return {fold(heading): states for heading, states in self.states.items()}


@cache
def folded(headings: str) -> frozenset[str]:
    """A list of headings, folded."""
    return frozenset(map(fold, headings.split(",")))


def _pattern(heading: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(fold, heading.split("*"))))


def _score(shape: Shape, headings: frozenset[str]) -> int:
    found = len(folded(shape.signs) & headings)
    if found < shape.least or any(folded(needed).isdisjoint(headings) for needed in shape.needs):
        return 0
    return found
