"""Outlook's conditional comments in HTML of a merchant's own: what they open they close, and they hide nothing.

No other program reads them, so our own frame around the block is nothing to them: `<!--[if mso]></td></tr></table>
<table style="display:none"><![endif]-->` would hide the footer, by which people leave, from all readers in Outlook.
"""

from __future__ import annotations

import html as html_module
import re

from templates_app.merging.hiding import HiddenTags

TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][\w:]*)(?P<rest>(?:[^\">]|\"[^\"]*\")*)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"(?P<name>[^\s=\"/]+)=\"(?P<value>[^\"]*)\"")
_HIDDEN = re.compile(r"<!--\[if (?P<condition>[^\]]*)\]>(?!<!)(?P<inside>.*?)<!\[endif\]-->", re.DOTALL)
_BEGINS = re.compile(r"<!--\[if [^\]]*\]><!-->|<!\[if [^\]]*\]>")
_ENDS = re.compile(r"<!--<!\[endif\]-->|<!\[endif\]>")
_MARKS = re.compile(f"{_HIDDEN.pattern}|(?P<mark>{_BEGINS.pattern}|{_ENDS.pattern})", re.DOTALL)
#: Without an end, or with one that may be left out without a difference to what follows.
_ALONE = frozenset(
    ["area", "br", "col", "hr", "img", "link", "meta", "p", "v:fill", "v:path", "v:stroke", "w:anchorlock"]
)
_HIDES = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:(?!\s*none)|opacity\s*:"
    r"|position\s*:\s*(?!static|relative))|-\s*\d{3,}",
    re.IGNORECASE,
)
_HUGE = re.compile(r"\d{4,}(?:\.\d+)?\s*(?:px|pt|in|cm|mm|em|%|$)|\d{2,}(?:\.\d+)?\s*(?:in|cm)", re.IGNORECASE)


def held(html: str) -> str:
    """Sanitised HTML without the conditional comments that change something around it."""
    if "[if" not in html and "[endif]" not in html:
        return html
    hidden = HiddenTags(html)
    loose = _loose(hidden)
    text = _HIDDEN.sub(lambda found: "" if _is_dropped(found, loose) else found[0], hidden.text)
    return hidden.show(_paired(text))


def _is_dropped(found: re.Match[str], loose: set[str]) -> bool:
    if _hides(found["inside"]):
        return True
    return _condition(found) in loose and _left_open(found["inside"]) != []


def _loose(hidden: HiddenTags) -> set[str]:
    """The conditions whose comments, put together, close something else than they open, or less."""
    pieces: dict[str, str] = {}
    loose: set[str] = set()
    for found in _HIDDEN.finditer(hidden.text):
        inside, condition = found["inside"], _condition(found)
        pieces[condition] = pieces.get(condition, "") + inside
        # A merge tag may decide which of the pieces are there.
        if _left_open(inside) != [] and (_hides(inside) or hidden.keep(inside, "block")):
            loose.add(condition)
    return loose | {condition for condition, inside in pieces.items() if _left_open(inside) != []}


def _condition(found: re.Match[str]) -> str:
    return "".join(found["condition"].lower().split())


def _left_open(text: str) -> list[str] | None:
    """The elements that begin in the text and don't end; None if something ends that did not begin in it."""
    opened: list[str] = []
    for tag in TAG.finditer(text):
        name = tag["name"].lower()
        # HTML knows elements without content by their names; only Outlook's XML has the slash.
        if name in _ALONE or (":" in name and tag["rest"].endswith("/")):
            continue
        if not tag["end"]:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return None
    return opened


def _hides(text: str) -> bool:
    """Whether a tag in the text hides what is in it, or takes a place outside of the one where it stands."""
    for found in (found for tag in TAG.finditer(text) for found in ATTRIBUTE.finditer(tag["rest"])):
        name, value = found["name"].lower(), html_module.unescape(found["value"])
        if name == "style" and (_HIDES.search(value) or _HUGE.search(value)):
            return True
        if name in ("width", "height") and _HUGE.search(value):
            return True
    return False


def _paired(text: str) -> str:
    """Without the marks of what Outlook skips, where they don't stand in pairs around whole elements."""
    dropped: set[int] = set()  # where a mark begins
    began: re.Match[str] | None = None
    for found in _MARKS.finditer(text):
        if not found["mark"]:
            continue
        dropped.add(found.start())
        if _BEGINS.fullmatch(found["mark"]):
            began = began or found
        elif began is not None:
            if _left_open(_HIDDEN.sub("", text[began.end() : found.start()])) == []:
                dropped -= {began.start(), found.start()}
            began = None
    return _MARKS.sub(lambda found: "" if found.start() in dropped else found[0], text)
