"""Liquid tags are found before HTML is parsed, replaced by inert markers, and written back byte for byte.

The scan ignores HTML, exactly like the template engine, so that both agree on what a tag is. Markers are made of
noncharacters, which are removed from the input first, so a document can't forge one with raw text. A marker written
as a character reference only repeats a tag at a place where the same checks apply.
"""

import re
from functools import cached_property

from . import limits
from .merge_names import Names, outside_quotes, words
from .reporting import Report

OPEN, CLOSE, AS_TEXT = "\ufdd0", "\ufdd1", "\ufdd2"
MARKERS = re.compile(f"[{OPEN}{CLOSE}{AS_TEXT}]")
MARKER = re.compile(f"{OPEN}([0-9]{{1,6}}){CLOSE}")

_LITERALS = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_OPENS_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
_WHOLE_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_SAFE_FILTER = re.compile(r"\|\s*safe\b")
_BRACKET_ROOT = re.compile(r"(?:^|[\s,|:=(])\[")


class MergeTags:
    def __init__(self, report: Report) -> None:
        self._tags: list[str] = []
        self._report = report

    def hide(self, text: str) -> str:
        """Replace each Liquid tag by a marker. The time is linear: a missing end is searched only once per kind."""
        found = list(_scan(text))
        if len(found) > limits.MAX_MERGE_TAGS:
            raise limits.too_many_merge_tags()
        self._tags = [_spaced(text[start:end]) for start, end in found]
        pieces, position = [], 0
        for number, (start, end) in enumerate(found):
            pieces += [text[position:start], self._marker_or_nothing(number)]
            position = end
        return "".join([*pieces, text[position:]])

    def show(self, text: str) -> str:
        return MARKER.sub(lambda marker: self.source(marker.group(1)), text)

    def strip(self, text: str) -> str:
        return MARKER.sub("", text)

    def source(self, number: str) -> str:
        return self._tags[int(number)] if int(number) < len(self._tags) else ""

    def within(self, text: str) -> list[str]:
        return [self.source(number) for number in MARKER.findall(text)]

    @cached_property
    def names(self) -> Names:
        return Names(self._tags)

    def _marker_or_nothing(self, number: int) -> str:
        if _builds_markup(self._tags[number], self.names):
            self._report.add("merge")
            return ""
        return f"{OPEN}{number}{CLOSE}"


def without(text: str) -> str:
    """The text as if every Liquid tag rendered to nothing."""
    pieces, position = [], 0
    for start, end in _scan(text):
        pieces.append(text[position:start])
        position = end
    return "".join([*pieces, text[position:]])


def is_output(tag: str) -> bool:
    return tag.startswith("{{")


def literals(tag: str) -> list[str]:
    return [double or single for double, single in _LITERALS.findall(tag)]


def _scan(text: str):
    position, ends = 0, {"{{": "}}", "{%": "%}"}
    for opening in re.finditer(r"\{[{%]", text):
        start = opening.start()
        if start < position or opening.group() not in ends:
            continue
        end = text.find(ends[opening.group()], start + 2)
        if end < 0:
            del ends[opening.group()]
            continue
        position = end + 2
        yield start, position


def _spaced(tag: str) -> str:
    """`a<b` becomes `a< b`: the same comparison, but no browser reads it as an element."""
    if "<" not in tag or _WHOLE_TAG.search(tag):
        return tag
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", tag)
    return "".join(part if odd % 2 else _OPENS_MARKUP.sub("< ", part) for odd, part in enumerate(parts))


def _builds_markup(tag: str, names: Names) -> bool:
    bare = outside_quotes(tag)
    if _OPENS_MARKUP.search(tag) or any("<" in literal for literal in literals(tag)):
        return True
    if _SAFE_FILTER.search(bare) or _BRACKET_ROOT.search(bare):
        return True
    return "|" in bare and not names.markup.isdisjoint(words(tag))
