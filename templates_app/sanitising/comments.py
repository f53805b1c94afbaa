"""Outlook's conditional comments.

Their content is often half a document (a table begins in one comment and ends in another), so it is cleaned token by
token and not as a tree.
"""

import re
from typing import Any

from . import allowed, css, writing
from .attributes import Attributes
from .merge_names import words
from .merge_tags import AS_TEXT, literals
from .parsing import TEXT_TYPES, TYPES, BoundedTokenizer

_CONDITION = r"\[if [()!&|\w. ]{1,60}\]"
_HIDDEN = re.compile(rf"({_CONDITION})>(.*)<!\[endif\]", re.DOTALL)
_REVEALED = re.compile(rf"({_CONDITION})><!(?:--\s*)?")
_REVEALED_END = re.compile(r"\s*(?:<!--\s*)?<!\[endif\]")
_BARE = re.compile(rf"{_CONDITION}|\[endif\]")
_RAW = frozenset({"style", "script", "xmp", "iframe", "noembed", "noframes", "textarea", "title"})
_CLOSES = re.compile(r"--!?>|<!--")


def clean_comment(data: str, attributes: Attributes) -> str:
    """The cleaned comment, or an empty string."""
    if data.startswith(AS_TEXT):
        return data[1:]
    if revealed := _REVEALED.fullmatch(data):
        return f"<!--{revealed.group(1)}><!-->"
    if _REVEALED_END.fullmatch(data):
        return "<!--<![endif]-->"
    if _BARE.fullmatch(data):
        return f"<!{data}>"
    return _hidden(data, attributes) if data.lstrip().startswith("[if") else _plain(data, attributes)


def _hidden(data: str, attributes: Attributes) -> str:
    found = _HIDDEN.fullmatch(data)
    inside = _inside(found.group(2), attributes) if found else ""
    if not found or _leaves_comment(inside, attributes):
        attributes.report.add("comment")
        return ""
    return f"<!--{found.group(1)}>{inside}<![endif]-->"


def _plain(data: str, attributes: Attributes) -> str:
    """An ordinary comment stays only if all HTML parsers agree where it ends."""
    if re.search(r"[<>]|--|^-|-$", data) or _leaves_comment(data, attributes):
        return ""
    return f"<!--{data}-->"


def _leaves_comment(text: str, attributes: Attributes) -> bool:
    merge_tags = attributes.merge_tags
    tags = merge_tags.within(text)
    if any(">" in literal for tag in tags for literal in literals(tag)):
        return True
    if any(not merge_tags.names.markup.isdisjoint(words(tag)) for tag in tags):
        return True
    return bool(_CLOSES.search(merge_tags.show(text)) or _CLOSES.search(merge_tags.strip(text) + "\n"))


def _inside(source: str, attributes: Attributes) -> str:
    tokenizer = BoundedTokenizer(source)
    written, raw = [], ""
    for token in tokenizer:
        if token["type"] in TEXT_TYPES:
            written.append(_text(token["data"], raw, attributes))
        elif token["type"] in (TYPES["StartTag"], TYPES["EndTag"]):
            written.append(_tag(token, attributes))
            starts = token["type"] == TYPES["StartTag"] and token["name"] in _RAW
            raw = token["name"] if starts else ""
            tokenizer.state = tokenizer.rawtextState if starts else tokenizer.state
    return "".join([*written, "</style>" if raw == "style" else ""])


def _text(data: str, raw: str, attributes: Attributes) -> str:
    """Text inside a removed element, such as a script, is removed, too."""
    if raw == "style":
        return css.sheet(data, attributes.report)
    return "" if raw else writing.text(data)


def _tag(token: Any, attributes: Attributes) -> str:
    name = token["name"]
    if name not in allowed.OUTLOOK_TAGS:
        attributes.report.add("tag", name)
        return ""
    spelled = allowed.OUTLOOK_NAMES.get(name, name)
    if token["type"] == TYPES["EndTag"]:
        return f"</{spelled}>"
    kept = attributes.clean(name, token["data"].items(), outlook=True)
    return writing.start_tag(spelled, kept, attributes.merge_tags, closed=token["selfClosing"])
