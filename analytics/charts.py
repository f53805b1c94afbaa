"""Bar charts as SVG, made by the server: they need no script and print well. Screen readers get a table instead."""

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
    """The rectangle of each bar in a drawing of WIDTH by HEIGHT; the highest bar fills the height."""
    if not bars:
        return []
    highest = max(bar.n for bar in bars) or 1
    step = WIDTH / len(bars)
    return [
        Rect(
            round(n * step, 2),
            round(HEIGHT * (1 - bar.n / highest), 2),
            round(max(step - GAP, 1), 2),
            round(HEIGHT * bar.n / highest, 2),
            bar,
        )
        for n, bar in enumerate(bars)
    ]
