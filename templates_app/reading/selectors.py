"""Which elements of a message a selector of a style sheet names (Selectors Level 4).

What depends on the reader (`:hover`) or is not known here counts as fitting, in doubt: the selector says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement
from tinycss2.nth import parse_nth

Test = Callable[[HtmlElement], bool]
MAX_NESTED = 2
_ANY_OF = frozenset({"is", "where", "matches", "any", "-webkit-any", "-moz-any"})
_GENERATED = frozenset({"before", "after"})
_OF_WORDS = frozenset({"first-line", "first-letter"})


@dataclass(frozen=True)
class Selector:
    """`steps` from the element outward: (how the next one is reached, tests). `doubt` is what could not be judged."""

    steps: tuple[tuple[str, tuple[Test, ...]], ...]
    rank: int
    doubt: str = ""
    is_generated: bool = False  # what a sheet puts before or after the element

    def fits(self, node: HtmlElement) -> bool:
        return self._fits(0, node, {})

    def _fits(self, n: int, node: HtmlElement, known: dict) -> bool:
        found = known.get((n, node))
        if found is None:
            combinator, tests = self.steps[n]
            found = all(test(node) for test in tests)
            if found and n + 1 < len(self.steps):
                found = any(self._fits(n + 1, other, known) for other in _reached(combinator, node))
            known[n, node] = found
        return found


def selectors(prelude: Iterable, nested: int = 0) -> list[Selector]:
    """The selectors of a rule. None for one that no element can have."""
    lists: list[list] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            lists.append([])
        elif token.type != "comment":
            lists[-1].append(token)
    return [selector for tokens in lists if (selector := _Reading(tokens, nested).selector()) is not None]


def _reached(combinator: str, node: HtmlElement) -> Iterator[HtmlElement]:
    if combinator in ("+", "~"):
        before = (one for one in node.itersiblings(preceding=True) if isinstance(one.tag, str))
        return itertools.islice(before, 1) if combinator == "+" else before
    above = node.iterancestors()
    return itertools.islice(above, 1) if combinator == ">" else above


class _Reading:
    def __init__(self, tokens: list, nested: int):
        self.tokens, self.nested = tokens, nested
        self.rank, self.doubt, self.is_generated, self.is_nothing = 0, "", False, False

    def selector(self) -> Selector | None:
        steps: list[tuple[str, tuple[Test, ...]]] = []
        tests: list[Test] = []
        combinator = ""
        tokens = iter(self.tokens)
        for token in tokens:
            if token.type == "whitespace":
                combinator = combinator or " "
            elif token.type == "literal" and token.value in ">+~":
                combinator = token.value
            else:
                if tests and combinator:
                    steps.append((combinator, tuple(tests)))
                    tests = []
                combinator = ""
                tests.append(self._test(token, tokens))
        if self.is_nothing or not tests:
            return None
        steps.append(("", tuple(tests)))
        # The combinator stands between two: each step is reached from the one after it.
        sides = [side for side, _tests in steps[:-1]]
        outward = [(side, one) for (_side, one), side in zip(reversed(steps), [*reversed(sides), ""], strict=True)]
        return Selector(tuple(outward), self.rank, self.doubt, self.is_generated)

    def _test(self, token: Any, rest: Iterator) -> Test:
        self.rank += 10
        if token.type == "ident":
            self.rank -= 9
            return _is_tag(token.lower_value)
        if token.type == "hash":
            self.rank += 90
            return _is_named(token.value)
        if token.type == "[] block":
            return self._attribute([one for one in token.content if one.type not in ("whitespace", "comment")])
        return self._sign(token, rest) if token.type == "literal" else self._doubted(token.type)

    def _sign(self, token: Any, rest: Iterator) -> Test:
        if token.value == ".":
            return _is_of_class(getattr(next(rest, None), "value", None))
        if token.value == ":":
            return self._pseudo(next(rest, None), rest)
        if token.value == "*":
            self.rank -= 10
            return lambda _node: True
        return self._doubted(token.value)

    def _doubted(self, what: str) -> Test:
        self.doubt += f":{what}"
        return lambda _node: True

    def _attribute(self, tokens: list) -> Test:
        name = getattr(tokens[0], "lower_value", "") if tokens else ""
        if len(tokens) == 1:
            return lambda node: node.get(name) is not None
        how, value = (
            "".join(str(one.value) for one in tokens[1:2]),
            getattr(tokens[2], "value", "") if tokens[2:] else "",
        )
        folded = str(value).lower()  # letters of either case, as values of HTML's own attributes mostly are

        def test(node: HtmlElement) -> bool:
            given = node.get(name)
            return given is not None and _agrees(how, given.lower(), folded)

        return test

    def _pseudo(self, token: Any, rest: Iterator) -> Test:
        if token is not None and token.type == "literal" and token.value == ":":
            token = next(rest, None)
            if getattr(token, "lower_value", "") not in _GENERATED | _OF_WORDS:
                self.is_nothing = True
        if token is None:
            return self._doubted("")
        if token.type == "function":
            return self._function(token)
        name = getattr(token, "lower_value", "")
        if name in _GENERATED:
            self.is_generated = True
            return lambda _node: True
        return _STRUCTURE.get(name) or self._doubted(name)

    def _function(self, token: Any) -> Test:
        name, content = token.lower_name, [one for one in token.arguments if one.type != "comment"]
        if name.startswith("nth-"):
            step = parse_nth(content)
            return _nth(name, *step) if step else self._doubted(name)
        if name not in _ANY_OF | {"not", "has"} or self.nested >= MAX_NESTED:
            return self._doubted(name)
        inner = selectors(content, self.nested + 1)
        self.doubt += "".join(one.doubt for one in inner)
        if name == "not":
            return lambda node: any(one.doubt for one in inner) or not any(one.fits(node) for one in inner)
        if name == "has":
            return lambda node: any(one.fits(other) for other in _within(node) for one in inner)
        return lambda node: any(one.fits(node) for one in inner)


def _is_tag(tag: str) -> Test:
    return lambda node: node.tag == tag


def _is_named(name: str) -> Test:
    return lambda node: node.get("id") == name


def _is_of_class(name: str | None) -> Test:
    return lambda node: name in (node.get("class") or "").split()


def _within(node: HtmlElement) -> Iterator[HtmlElement]:
    """What `:has()` may speak of: below the element, and after it."""
    yield from (one for one in node.iterdescendants() if isinstance(one.tag, str))
    yield from (one for one in node.itersiblings() if isinstance(one.tag, str))


def _agrees(how: str, given: str, value: str) -> bool:
    if how == "=":
        return given == value
    if how == "~=":
        return value in given.split()
    if how == "|=":
        return given == value or given.startswith(f"{value}-")
    ways = {"^=": given.startswith, "$=": given.endswith, "*=": given.__contains__}
    return bool(value) and (how not in ways or bool(ways[how](value)))


def _nth(name: str, step: int, offset: int) -> Test:
    def test(node: HtmlElement) -> bool:
        place = _place(node, last="last" in name, of_type="type" in name) - offset
        return place == 0 if step == 0 else place % step == 0 and place // step >= 0

    return test


def _place(node: HtmlElement, *, last: bool, of_type: bool) -> int:
    others = (one for one in node.itersiblings(preceding=not last) if isinstance(one.tag, str))
    return 1 + sum(not of_type or one.tag == node.tag for one in others)


def _is_only(node: HtmlElement, *, of_type: bool) -> bool:
    return all(_place(node, last=last, of_type=of_type) == 1 for last in (False, True))


_STRUCTURE: dict[str, Test] = {
    "first-child": lambda node: _place(node, last=False, of_type=False) == 1,
    "last-child": lambda node: _place(node, last=True, of_type=False) == 1,
    "first-of-type": lambda node: _place(node, last=False, of_type=True) == 1,
    "last-of-type": lambda node: _place(node, last=True, of_type=True) == 1,
    "only-child": lambda node: _is_only(node, of_type=False),
    "only-of-type": lambda node: _is_only(node, of_type=True),
    "empty": lambda node: not len(node) and not node.text,
    "root": lambda node: node.getparent() is None,
    "link": lambda node: node.tag in ("a", "area") and node.get("href") is not None,
    "any-link": lambda node: node.tag in ("a", "area") and node.get("href") is not None,
    "scope": lambda node: node.getparent() is None,
}
