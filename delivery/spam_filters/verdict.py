"""What a filter says, and how it is asked: with limits of time and size, whatever it does."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

SECONDS = 8.0  # for everything together
MOST = 1_000_000  # bytes of an answer
MAX_RULES = 12
MAX_WORDS = 160  # characters of a rule


class NoAnswer(Exception):
    """Raised where the filter gives no answer that can be used."""


@dataclass(frozen=True)
class Rule:
    name: str
    points: float
    words: str


@dataclass(frozen=True)
class Verdict:
    """`limit`: from so many points on, mail is spam. `rules`: those that gave or took points, the most first."""

    points: float
    limit: float
    rules: tuple[Rule, ...]

    @property
    def is_spam(self) -> bool:
        return self.points >= self.limit


def verdict(points: object, limit: object, rules: list[tuple[object, object, object]]) -> Verdict:
    """Of what a filter wrote, which may be anything. Raises NoAnswer."""
    found = [
        Rule(str(name)[:60], _number(given), " ".join(str(words or "").split())[:MAX_WORDS])
        for name, given, words in rules
        if abs(_number(given)) >= 0.05
    ]
    found.sort(key=lambda rule: -abs(rule.points))
    return Verdict(_number(points), _number(limit), tuple(found[:MAX_RULES]))


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # anything
    except (TypeError, ValueError, OverflowError):
        raise NoAnswer from None
    if not math.isfinite(number) or abs(number) > 10_000:
        raise NoAnswer
    return number


@contextmanager
def connected(host: str, port: int) -> Iterator[socket.socket]:
    """A connection that ends when the time is up, also for a filter that answers byte by byte. Raises NoAnswer."""
    try:
        made = socket.create_connection((host, port), timeout=SECONDS)
    except OSError:
        raise NoAnswer from None
    timer = threading.Timer(SECONDS, _end, [made])
    timer.daemon = True
    timer.start()
    try:
        yield made
    except (OSError, ValueError, RecursionError):
        raise NoAnswer from None
    finally:
        timer.cancel()
        made.close()


def _end(made: socket.socket) -> None:
    with suppress(OSError):
        made.shutdown(socket.SHUT_RDWR)
