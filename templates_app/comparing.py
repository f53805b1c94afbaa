"""What differs between two texts: line by line, and within a changed line word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

MAX_LINES = 400  # that differ, on each side; above, all of them are shown unmarked
MAX_TOKENS = 400  # of a line, on each side; above, the whole line is marked
# difflib takes in the worst case a time that grows with this product: lengths of both sides and of the shorter one.
MAX_STEPS = 150_000_000
MAX_SHOWN = 50_000  # characters of a text that is too different to be marked
ALIKE = 0.4  # of 1: below, two lines have too little in common to mark their words
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """Some words of a line, and whether they stand in this text only."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class Change:
    """A line in both texts. Where one of them has none, it is empty."""

    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


@dataclass(frozen=True)
class Comparison:
    """`same`: how many lines stand in both texts. `is_marked`: False where the texts differ too much to be compared."""

    changes: tuple[Change, ...]
    same: int
    is_marked: bool = True


def compare(old: str, new: str) -> Comparison:
    """The lines that differ, in their order. Empty lines and spaces around a line count for nothing. The time is
    bounded, whatever the texts are."""
    old_lines, new_lines = _lines(old), _lines(new)
    start = _common(old_lines, new_lines)
    end = _common(old_lines[start:][::-1], new_lines[start:][::-1])
    before, after = old_lines[start : len(old_lines) - end], new_lines[start : len(new_lines) - end]
    if max(len(before), len(after)) > MAX_LINES:
        whole = Change(_unmarked(before), _unmarked(after))
        return Comparison((whole,), start + end, is_marked=False)
    budget = _Budget()
    changes, same = [], start + end
    for kind, first, last, new_first, new_last in _opcodes(before, after, budget):
        if kind == "equal":
            same += last - first
        else:
            pairs = zip_longest(before[first:last], after[new_first:new_last], fillvalue="")
            changes += [_change(one, other, budget) for one, other in pairs]
    return Comparison(tuple(changes), same)


class _Budget:
    def __init__(self) -> None:
        self.left = MAX_STEPS

    def allows(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Whether the two may be compared; it is counted then."""
        steps = len(old) * len(new) * min(len(old), len(new))
        if steps > self.left:
            return False
        self.left -= steps
        return True


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines or words at the beginning are the same."""
    n = 0
    while n < min(len(old), len(new)) and old[n] == new[n]:
        n += 1
    return n


def _opcodes(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Sequence[tuple[str, int, int, int, int]]:
    if not budget.allows(old, new):
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _change(old: str, new: str, budget: _Budget) -> Change:
    old_tokens, new_tokens = _TOKEN.findall(old), _TOKEN.findall(new)
    if not old or not new or max(len(old_tokens), len(new_tokens)) > MAX_TOKENS:
        return _whole(old, new)
    opcodes = _opcodes(old_tokens, new_tokens, budget)
    same = sum(last - first for kind, first, last, _new_first, _new_last in opcodes if kind == "equal")
    if 2 * same < ALIKE * (len(old_tokens) + len(new_tokens)):
        return _whole(old, new)
    return Change(
        tuple(_pieces((kind, old_tokens[first:last]) for kind, first, last, _from, _to in opcodes)),
        tuple(_pieces((kind, new_tokens[first:last]) for kind, _from, _to, first, last in opcodes)),
    )


def _pieces(runs: Iterator[tuple[str, list[str]]]) -> list[Piece]:
    """The runs of tokens as pieces. A space between two changed words is changed, too: one mark instead of two."""
    pieces = [Piece("".join(tokens), kind != "equal") for kind, tokens in runs if tokens]
    for place, piece in enumerate(pieces[1:-1], start=1):
        if not piece.text.strip() and pieces[place - 1].is_changed and pieces[place + 1].is_changed:
            pieces[place] = Piece(piece.text, is_changed=True)
    return [
        Piece("".join(piece.text for piece in run), is_changed)
        for is_changed, run in groupby(pieces, key=lambda piece: piece.is_changed)
    ]


def _whole(old: str, new: str) -> Change:
    return Change(_marked(old), _marked(new))


def _marked(line: str) -> tuple[Piece, ...]:
    return (Piece(line, is_changed=True),) if line else ()


def _unmarked(lines: list[str]) -> tuple[Piece, ...]:
    return (Piece("\n".join(lines)[:MAX_SHOWN], is_changed=False),)
