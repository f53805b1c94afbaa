"""Hide the merge tags of a text while something else reads it that does not know them.

Each tag becomes a marker: a number between two characters of private use that the text has nowhere, not even as a
character reference. So no text can be taken for a marker.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

# As the merge library reads it: nothing in a raw block is a tag, and a comment is one tag with all that is in it.
_TAGS = re.compile(
    r"(?P<comment>\{%-?\s*(?P<which>comment|doc)\s*-?%\}.*?\{%-?\s*end(?P=which)\s*-?%\})"
    r"|(?P<raw>\{%-?\s*raw\s*-?%\})(?P<literal>.*?)(?P<endraw>\{%-?\s*endraw\s*-?%\})"
    r"|(?P<output>\{\{.*?\}\})|(?P<block>\{%.*?%\})",
    re.DOTALL,
)
_BRACES = re.compile(r"\{[{%]")
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True)
class Tag:
    source: str
    start: int  # where it stands in the text
    kind: str  # "output", "block", "comment", "raw", "endraw", or "braces": two characters in a raw block


class HiddenTags:
    """`text` is the source with markers in place of its merge tags."""

    def __init__(self, source: str):
        used = set(html.unescape(source))
        self._free = (chr(number) for number in _PRIVATE if chr(number) not in used)
        self._open, self._close = self.unused(2)
        self.marker = re.compile(f"{self._open}([0-9]+){self._close}")
        self.tags: list[Tag] = []
        self.text = _TAGS.sub(self._hide, source)

    def unused(self, n: int) -> list[str]:
        """Characters that the text has nowhere, others at each call."""
        return list(itertools.islice(self._free, n))

    def _hide(self, found: re.Match[str]) -> str:
        if found["raw"] is None:
            return self._mark(found[0], found.start(), found.lastgroup or "")
        start = found.start("literal")
        opening = self._mark(found["raw"], found.start(), "raw")
        literal = _BRACES.sub(lambda at: self._mark(at[0], start + at.start(), "braces"), found["literal"])
        return f"{opening}{literal}{self._mark(found['endraw'], found.start('endraw'), 'endraw')}"

    def _mark(self, source: str, start: int, kind: str) -> str:
        self.tags.append(Tag(source, start, kind))
        return f"{self._open}{len(self.tags) - 1}{self._close}"

    def show(self, text: str, write: Callable[[Tag], str] = lambda tag: tag.source) -> str:
        """The text with the tags in place of the markers, each as `write` says."""
        return self.marker.sub(lambda found: write(self.tags[int(found[1])]), text)

    def without(self, text: str) -> str:
        return self.marker.sub("", text)

    def within(self, text: str) -> list[Tag]:
        return [self.tags[int(number)] for number in self.marker.findall(text)]

    def keep(self, text: str, *kinds: str) -> str:
        """Only the markers of `text` whose tags are of these kinds."""
        return "".join(found[0] for found in self.marker.finditer(text) if self.tags[int(found[1])].kind in kinds)
