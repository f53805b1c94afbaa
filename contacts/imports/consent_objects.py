"""Reads what a cell that holds an object as JSON says about consent, as in Keila's Data and listmonk's attributes:
{"city": "Lyon", "marketing_consent": false}.

Its keys are read as headings. Only what is against e-mail counts: other columns say who agreed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from contacts.imports import consent_columns
from contacts.imports.consent_columns import RANK, Answer

MAX_DEPTH = 5
# The cells of a sample are shortened: their ends prove nothing.
_BEGINNING = re.compile(r"\s*\{\s*[\"}]")
_NO_OBJECTION = Answer("granted")


def are_objects(found: Iterable[str]) -> bool:
    """Whether most of these cells hold objects."""
    cells = list(found)
    return sum(_looks_like_object(cell) for cell in cells) * 2 > len(cells)


def reader(name: str) -> Callable[[str], Answer]:
    """A function from the cell of a column with this name to the strongest no in it; "granted" if it has none."""

    def read(cell: str) -> Answer:
        if not _looks_like_object(cell):
            return _NO_OBJECTION
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            return _NO_OBJECTION
        said = [_answer(name, key, value) for key, value in _pairs(found, MAX_DEPTH)]
        return max(said, key=lambda answer: RANK[answer.state], default=_NO_OBJECTION)

    return read


def _looks_like_object(cell: str) -> bool:
    return _BEGINNING.match(cell) is not None


def _pairs(found: Any, depth: int) -> Iterator[tuple[str, str]]:
    """The keys with their values as texts, also of the objects within."""
    if not isinstance(found, dict) or not depth:
        return
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _pairs(value, depth - 1)
        elif not isinstance(value, list):
            yield str(key), "" if value is None else json.dumps(value) if isinstance(value, bool) else str(value)


def _answer(name: str, key: str, value: str) -> Answer:
    heading = consent_columns.heading_of(key)
    if heading is None or heading.meaning not in ("consent", "email_consent"):
        return _NO_OBJECTION
    if not consent_columns.guess_meaning(key, {value: 1}):
        return _NO_OBJECTION
    return Answer(consent_columns.state_of(value, heading.kind), f"{name}.{key}: {value}"[:200])
