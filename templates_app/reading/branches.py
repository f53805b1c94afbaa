"""Values with which a message takes each branch of its conditions.

Made from the conditions as they are written: for each name, the texts and numbers that it is compared with, another
text, and nothing. Rendering decides what comes of them, so it does not matter if some values are impossible.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from templates_app.merging.hiding import HiddenTags
from templates_app.sanitising.merge_names import inner, words

OTHER = "x"
MAX_VARIANTS = 64
MAX_CHARACTERS = 6_000_000  # of all variants together

_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'|(?<![\w.])(-?\d+(?:\.\d+)?)")
_CONDITIONS = frozenset({"if", "elsif", "unless", "case", "when", "for", "assign"})


def variants(source: str, names: Mapping[str, str | None]) -> Iterator[dict]:
    """Values for those of `names` that conditions read, first the ones of people about whom nothing is known: for each
    name what `names` has for it, or no value for None. Not more than rendering can afford."""
    candidates = _candidates(source, names)
    limit = max(8, min(MAX_VARIANTS, MAX_CHARACTERS // max(len(source), 1)))
    for values in itertools.islice(_combined(candidates, limit), limit):
        yield {name: value for name, value in values.items() if value is not None}


def names_in_conditions(source: str, names: Mapping[str, str | None]) -> set[str]:
    """Those of `names` that conditions read."""
    return set(_candidates(source, names))


def _combined(candidates: dict[str, list], limit: int) -> Iterator[dict]:
    count = 1
    for values in candidates.values():
        count *= len(values)
    if count <= limit:
        yield from (dict(zip(candidates, values, strict=True)) for values in itertools.product(*candidates.values()))
        return
    # Too many for all combinations: each value once beside nothing, and once beside something.
    empty = {name: values[0] for name, values in candidates.items()}
    full = {name: values[-1] for name, values in candidates.items()}
    yield empty
    yield full
    for name, values in candidates.items():
        for value in values:
            yield empty | {name: value}
            yield full | {name: value}


def _candidates(source: str, names: Mapping[str, str | None]) -> dict[str, list]:
    found: dict[str, list] = {}
    means: dict[str, set[str]] = {}  # names that the text sets itself, and what they are made of
    subject: set[str] = set()
    for tag in HiddenTags(source).tags:
        keyword, *rest = inner(tag.source).split(None, 1) if tag.kind == "block" else [""]
        if keyword not in _CONDITIONS:
            continue
        expression = rest[0] if rest else ""
        used = set().union(*(means.get(name, {name}) for name in words(expression)))
        if keyword == "assign":
            means[expression.partition("=")[0].strip()] = used
        subject = used if keyword == "case" else subject
        for name in sorted((used | subject if keyword == "when" else used) & set(names)):
            known = found.setdefault(name, [names[name], OTHER])
            known += [value for value in _values(keyword, expression) if value not in known]
    return found


def _values(keyword: str, expression: str) -> Iterator:
    if keyword == "for":
        yield ["x"]
    yield from (value for word, value in (("true", True), ("false", False)) if word in words(expression))
    for double, single, number in _LITERAL.findall(expression):
        if not number:
            yield double or single
            continue
        value = float(number) if "." in number else int(number)
        yield from (value, value - 1, value + 1)
