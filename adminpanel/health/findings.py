from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The result of one check. `todo` says what to do if it is not `ok`."""

    name: str
    ok: bool
    text: str
    todo: str = ""


Check = Callable[[], Iterable[Finding]]


def run(checks: Iterable[Check]) -> Iterator[Finding]:
    """The findings of these checks. One that raises is a finding, too, and stops no other."""
    for check in checks:
        try:
            yield from check()
        except Exception as problem:
            name = check.__name__.replace("_", " ")
            words = (f"{type(problem).__name__}: {problem}".splitlines() or [""])[0]
            yield Finding(name, False, words, "This check itself failed. If nothing else explains it, report it.")
