"""Maps the columns of a program's export as a whole."""

from __future__ import annotations

from collections.abc import Container

from contacts.imports.consent_answers import REPEATABLE
from contacts.imports.headings import fold
from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program


def map_columns(program: Program, headings: list[str], filled: Container[int]) -> dict[int, str]:
    """By column, its meaning, FIELD or LEAVE_OUT; nothing for columns that the program doesn't have by itself. `filled`
    are the columns with values."""
    known = {n: found for n, heading in enumerate(headings) if (found := program.meanings_of(fold(heading)))}
    chosen: dict[int, str] = {}
    for meaning in program.columns:
        if meaning in (FIELD, LEAVE_OUT):
            continue
        candidates = sorted(
            (n not in filled, position, n)
            for n, found in known.items()
            for named, position in found
            if named == meaning and n not in chosen
        )
        for _empty, _position, n in candidates if meaning in REPEATABLE else candidates[:1]:
            chosen[n] = meaning
    _drop_full_name(chosen)
    for n, found in known.items():
        if n not in chosen:
            others = [meaning for meaning, _position in found if meaning in (FIELD, LEAVE_OUT)]
            chosen[n] = others[0] if others else FIELD
    return chosen


def _drop_full_name(chosen: dict[int, str]) -> None:
    """Beside first and last names, a full name tells nothing new; it may be a nickname."""
    meanings = {meaning: n for n, meaning in chosen.items()}
    if {"first_name", "last_name", "full_name"} <= meanings.keys():
        chosen[meanings["full_name"]] = LEAVE_OUT
