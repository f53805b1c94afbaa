"""The style sheets of a message: rules, the conditions under which they hold, and the values of declarations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2

from templates_app.reading.hiding_styles import LOUD, is_covering
from templates_app.reading.selectors import Selector, selectors

_CONDITIONS = frozenset({"media", "supports", "layer", "container", "document", "scope"})
_PAPER = frozenset({"@mediaprint", "@mediaonlyprint"})
_WIDTH = re.compile(r"\((min|max)-(?:device-)?width:(\d+(?:\.\d+)?)(px|em|rem)?\)")
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)", re.IGNORECASE)
MAX_VALUE = 400  # characters of a value with custom properties
MAX_TOGETHER = 4  # conditions of style sheets, of which all combinations are looked at


@dataclass
class Rule:
    """Declarations for the elements that fit. `conditions` are those of the sheet, such as media queries."""

    selector: Selector
    declarations: dict[str, str]
    rank: tuple[int, int]
    conditions: frozenset[str]


def rules_of(css: str) -> tuple[list[Rule], list[tuple[str, dict[str, str]]]]:
    """The rules, the strongest last, and (name, declarations) of each step of the animations."""
    rules: list[Rule] = []
    frames: list[tuple[str, dict[str, str]]] = []
    _collect(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), rules, frames, frozenset())
    return sorted(rules, key=lambda rule: rule.rank), frames


def _collect(nodes: list, rules: list[Rule], frames: list, conditions: frozenset[str]) -> None:
    for node in nodes:
        if node.type == "at-rule" and node.content is not None:
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            name = "".join(tinycss2.serialize(node.prelude).split()).lower()
            condition = f"@{node.lower_at_keyword}{name}"
            if node.lower_at_keyword in _CONDITIONS and condition not in _PAPER:
                _collect(inner, rules, frames, conditions | {condition})
            elif node.lower_at_keyword.endswith("keyframes"):
                steps = (one for one in inner if one.type == "qualified-rule")
                frames += [(name, plain(declarations_of(tinycss2.parse_blocks_contents(one.content)))) for one in steps]
        if node.type != "qualified-rule":
            continue
        declarations = declarations_of(tinycss2.parse_blocks_contents(node.content))
        for selector in selectors(node.prelude) if declarations else ():
            doubts = frozenset({selector.doubt} if selector.doubt else ())
            rules.append(Rule(selector, declarations, (selector.rank, len(rules)), conditions | doubts))


def plain(declarations: dict[str, str]) -> dict[str, str]:
    return {name: value.removesuffix("!") for name, value in declarations.items()}


def is_about_the_dark(condition: str) -> bool:
    """Whether mail programs that are dark fulfil this condition, and no others."""
    return condition == "@media(prefers-color-scheme:dark)"


def together(names: list[str]) -> Iterator[frozenset[str]]:
    """Which conditions may hold at once: all combinations of a few; of many none, each, all but each, and all."""
    sizes = range(len(names) + 1) if len(names) <= MAX_TOGETHER else {0, 1, len(names) - 1, len(names)}
    for size in sizes:
        yield from filter(_is_possible, map(frozenset, itertools.combinations(names, size)))


def _is_possible(conditions: frozenset[str]) -> bool:
    least, most = 0.0, float("inf")
    for limit, number, unit in _WIDTH.findall(
        " ".join(one for one in conditions if "," not in one and "not" not in one)
    ):
        width = (float(number)) * (1.0 if unit == "px" else 16.0)
        least, most = (max(least, width), most) if limit == "min" else (least, min(most, width))
    return (
        least <= most and not {"@media(prefers-color-scheme:dark)", "@media(prefers-color-scheme:light)"} <= conditions
    )


def declarations_of(nodes: list) -> dict[str, str]:
    found = {}
    for node in nodes:
        if node.type == "declaration":
            value = tinycss2.serialize([one for one in node.value if one.type != "comment"]).strip().lower()
            found[node.lower_name] = f"{value}!" if node.important else value
    return found


def is_loud(declarations: dict[str, str]) -> bool:
    """Whether the element may end up over others."""
    return any(
        "var(" in value or is_covering({name: value.removesuffix("!")} | {"inset": "0"}, is_held=False)
        for name, value in declarations.items()
        if name in LOUD
    )


@lru_cache(maxsize=4000)
def is_loud_itself(style: str) -> bool:
    return bool(style) and is_loud(declarations_of(tinycss2.parse_blocks_contents(style)))


def filled_in(value: str, custom: dict[str, str]) -> str:
    for _round in range(8):
        filled = _VAR.sub(lambda found: custom.get(found[1].lower(), found[2] or "").removesuffix("!"), value)
        if filled == value or len(filled) > MAX_VALUE:
            return filled[:MAX_VALUE].strip()
        value = filled
    return value.strip()
