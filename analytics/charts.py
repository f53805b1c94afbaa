"""Bars as SVG made on the server: no script, prints well, read aloud as a table beside it."""

from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, GAP = 720, 160, 2


@dataclass(frozen=True)
class Bar:
    at: datetime
    n: int


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    bar: Bar


def rects(bars: list[Bar]) -> list[Rect]:
    """The bars' places in a drawing of WIDTH by HEIGHT."""
    if not bars:
        return []
    most = max(bar.n for bar in bars) or 1
    step = WIDTH / len(bars)
    return [
        Rect(
            round(n * step, 2),
            round(HEIGHT * (1 - bar.n / most), 2),
            round(max(step - GAP, 1), 2),
            round(HEIGHT * bar.n / most, 2),
            bar,
        )
        for n, bar in enumerate(bars)
    ]
