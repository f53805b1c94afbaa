"""Writes cleaned parts as HTML. Merge tags are still markers here; `MergeTags.show` puts them back at the end."""

import re

from .merge_tags import MARKER, OPEN, MergeTags

_INVISIBLE = {
    "\xa0": "&nbsp;", "\xad": "&shy;", "\u034f": "&#847;", "\u2007": "&#8199;", "\u200b": "&#8203;",
    "\u200c": "&zwnj;", "\u200d": "&zwj;", "\u200e": "&lrm;", "\u200f": "&rlm;", "\ufeff": "&#65279;",
}  # fmt: skip
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", **_INVISIBLE})
_BEGINS_TAG = re.compile(rf"\{{(?=[{{%{OPEN}]|\Z)")
_QUOTES = {'"': "&quot;", "'": "&#39;"}


def text(value: str) -> str:
    """The text as HTML. A brace that was written as a reference stays one where it would begin a merge tag."""
    return _BEGINS_TAG.sub("&#123;", value.translate(_TEXT))


def attribute(name: str, value: str, merge_tags: MergeTags) -> str:
    quote = delimiter(value, merge_tags)
    return f" {name}={quote}{text(value).replace(quote, _QUOTES[quote])}{quote}"


def delimiter(value: str, merge_tags: MergeTags) -> str:
    """The kind of quote that no merge tag in the value uses; an empty string if they use both."""
    inside = "".join(merge_tags.within(value)) if MARKER.search(value) else ""
    return next((quote for quote in _QUOTES if quote not in inside), "")


def start_tag(name: str, attributes: list[tuple[str, str]], merge_tags: MergeTags, closed: bool = False) -> str:
    written = "".join(attribute(key, value, merge_tags) for key, value in attributes)
    return f"<{name}{written}{'/' if closed else ''}>"
