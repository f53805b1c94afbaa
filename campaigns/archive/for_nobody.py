"""A message as nobody in particular gets it: no person's values, no link that is somebody's, nothing counted.

What a batch freezes is the same for everybody; it is filled in here with the fallbacks. The content has neither the
pixel nor counted links: those come in when a lane prepares it for people, which nothing here does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from delivery.models import Batch
from templates_app.merging import MergeError, localising, parse, spintax
from templates_app.merging.message_tags import CLICK, LINKS, OPEN
from templates_app.merging.spintax_nodes import SEED

# Stands for an address that there is not, until what leads there is taken out.
NOWHERE = "https://nowhere.invalid/"
_SEPARATOR = r"(?:&middot;|·|\||•|&bull;)"
_SPACE = r"(?:\s|&nbsp;|\u00a0){0,40}"
_LINK = rf"<a\b[^<>]*{re.escape(NOWHERE)}[^<>]*>(?:(?!</a\b).){{0,2000}}</a\s*>"
# With the stroke or dot beside it, so that "A · B · C" without B is "A · C".
_LINKS = re.compile(rf"{_LINK}{_SPACE}{_SEPARATOR}|{_SEPARATOR}{_SPACE}{_LINK}|{_LINK}", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(rf"\s[\w:-]+=(?:\"[^\"<>]*{re.escape(NOWHERE)}[^\"<>]*\"|'[^'<>]*{re.escape(NOWHERE)}[^'<>]*')")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_HTML = re.compile(r"<html\b[^>]*>|<!doctype\b[^>]*>", re.IGNORECASE)
# A link must not open within the frame, where most sites refuse to be shown.
OUTSIDE = '<base target="_blank">'
MAX_LINE = 250
# Controls, halves of characters, characters that there are not, ends of lines.
UNSHOWN = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
BEFORE_WORDS = " ,;:!-–—\u00a0\u202f"


def html_of(batch: Batch, *, signup: str, page: str) -> str:
    """The HTML of the batch's message. `signup`: the address that takes the place of unsubscribing and preferences;
    where it is empty, those links are left out. `page`: the address of the message in the archive. Raises MergeError,
    and LookupError for a content without HTML."""
    body = _body(batch)
    html = parse(body["html"], html=True).render(values(batch, signup=signup, page=page))
    return opening_outside(_without_nowhere(html))


def line_of(batch: Batch, part: str) -> str:
    """The subject or the preheader as one line; empty where it can't be filled in."""
    source = str(_body(batch).get(part, ""))
    try:
        text = parse(source, html=False).render(values(batch, signup="", page=""))
    except MergeError:
        return ""
    return tidied(text.replace(NOWHERE, ""), has_gaps="{" in source)[:MAX_LINE]


def values(batch: Batch, *, signup: str, page: str) -> dict[str, Any]:
    """All values that the merge tags of the message have. None of them is a person's."""
    kept: Mapping[str, Any] = batch.parameters
    leave = dict.fromkeys(LINKS, signup or NOWHERE)
    return {
        **localising.hidden(kept.get("locale") or {}),
        SEED: spintax.seed(_body(batch).get("text", ""), 0),
        **leave,
        "view_url": page or NOWHERE,
        "postal_address": kept.get("postal_address", ""),
        CLICK: NOWHERE,
        OPEN: "data:,",
    }


def tidied(text: str, *, has_gaps: bool) -> str:
    """One line without characters that no page or feed can show. `has_gaps`: a name may be missing, as in
    ", good news", so blanks before a comma and what stands before the first word go, too."""
    plain = "".join(" " if unicodedata.category(one) in UNSHOWN else one for one in text)
    plain = re.sub(r" +", " ", plain).strip()
    if not has_gaps:
        return plain
    plain = re.sub(r" ([,.])", r"\1", plain)
    rest = plain.lstrip(BEFORE_WORDS)
    return plain if rest == plain else rest[:1].upper() + rest[1:]


def opening_outside(html: str) -> str:
    """The HTML, whose links open in a tab of their own."""
    for place in (_HEAD, _HTML):
        if place.search(html):
            return place.sub(lambda found: found[0] + OUTSIDE, html, count=1)
    return OUTSIDE + html


def _without_nowhere(html: str) -> str:
    if NOWHERE not in html:
        return html
    return _ATTRIBUTE.sub("", _LINKS.sub("", html)).replace(NOWHERE, "")


def _body(batch: Batch) -> dict[str, Any]:
    if batch.content is None:
        raise LookupError(f"batch {batch.pk} has no content")
    return batch.content.body
