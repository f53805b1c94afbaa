"""Reads what a cell that holds an object as JSON says about consent, as in Keila's Data and listmonk's attributes:
{"city": "Lyon", "marketing_consent": false}.

Its keys are read as headings, each about the channels that a column with this heading is about. Only a no counts:
other columns say who agreed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from contacts.imports import consent_answers, consent_columns, consent_headings, consent_values, json_records
from contacts.imports.consent_answers import ANSWERS, CHANNELS, RANK, Answer

MAX_DEPTH = 5
# The cells of a sample are shortened: their ends prove nothing.
_BEGINNING = re.compile(r"\s*\{\s*[\"}]")
_NO_OBJECTION = Answer("granted")


def are_objects(found: Iterable[str]) -> bool:
    """Whether most of these cells hold objects."""
    cells = list(found)
    return sum(_looks_like_object(cell) for cell in cells) * 2 > len(cells)


def reader(name: str) -> Callable[[str], dict[str, Answer]]:
    """A function from the cell of a column with this name to the strongest no in it, by channel; "granted" where it has
    none."""

    def read(cell: str) -> dict[str, Answer]:
        strongest = dict.fromkeys(CHANNELS, _NO_OBJECTION)
        for key, value in _pairs(_object_of(cell), MAX_DEPTH):
            for channel, answer in _answers(name, key, value).items():
                strongest[channel] = max(strongest[channel], answer, key=lambda answer: RANK[answer.state])
        return strongest

    return read


def _object_of(cell: str) -> Any:
    if not _looks_like_object(cell):
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


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
            yield json_records.storable(key), json_records.text(value)


def _answers(name: str, key: str, value: str) -> dict[str, Answer]:
    """What a value says, by channel."""
    heading = consent_headings.heading_of(key)
    if heading is None or not (state := _state(key, value)):
        return {}
    answer = Answer(state, f"{name}.{key}: {value}"[:200])
    return consent_answers.by_channel(answer, ANSWERS[heading.meaning])


# Few keys are about consent, and these have few values.
@lru_cache(maxsize=500)
def _state(key: str, value: str) -> str:
    """What a value says; empty where the key is about something else."""
    if not consent_columns.guess_meaning(key, {value: 1}):
        return ""
    return consent_values.state_of(value, consent_headings.kind_of(key))
