"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass, field

STOPS, LOOK, PASSED = "stops", "look", "passed"
_ORDER = {STOPS: 0, LOOK: 1, PASSED: 2}


@dataclass(frozen=True)
class Place:
    """Where something stands. `words` say it to the merchant. Of a message made of blocks, `block` is the block's id;
    else `line` and `column` in the part "html" or "text" are where to look, from 1."""

    words: str = ""
    block: str = ""
    part: str = "html"
    line: int = 0
    column: int = 1

    @property
    def key(self) -> str:
        return self.block or f"{self.part}:{self.line}"


NOWHERE = Place()


@dataclass(frozen=True)
class Fix:
    """One press. In the block, or in the whole part of a template of HTML, `old` becomes `new`; or the property `prop`
    of the block becomes `new`, which the merchant writes where `asks` says what for. `prop` of the second item is
    "items.1.name"."""

    label: str
    new: str = ""
    old: str = ""
    prop: str = ""
    asks: str = ""


@dataclass(frozen=True)
class Finding:
    """`check` is the name of its check, `seen` a sentence of what the reader would see, `figure` what was measured
    where it passed. `page` is the name of an address where it can be mended, when that is not in the message."""

    check: str
    severity: str
    title: str
    seen: str = ""
    place: Place = NOWHERE
    figure: str = ""
    fix: Fix | None = field(default=None)
    page: str = ""
    pin: str = ""  # in two words, beside the block
    opened: str = ""  # the mark of the block as it was looked at (blocks.documents.mark_of)

    @property
    def rank(self) -> int:
        return _ORDER[self.severity]


def passed(check: str, title: str, figure: str = "") -> Finding:
    return Finding(check, PASSED, title, figure=figure)
