"""Merge tags of other programs become ours: those for links that every message needs at once, those about a person when
the merchant says so."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from contacts.identity import merge_values
from templates_app.merging import message_tags
from templates_app.reading.foreign_tags import ForeignTag, foreign_tags, unknown_tags

_LINK_BEGINS, _LINK_ENDS = re.compile(r"<a[\s>]", re.IGNORECASE), re.compile(r"</a[\s>]", re.IGNORECASE)
LOOKED_BACK = 2000  # characters


def with_our_links(html: str) -> tuple[str, list[ForeignTag]]:
    """The HTML with our tags for unsubscribing, preferences, the page in the browser and the address; and which of
    other programs' were there."""
    found = [tag for tag in foreign_tags(html) if tag.ours in message_tags.OF_MESSAGE]
    for tag in sorted(found, key=lambda tag: -len(tag.tag)):
        html = replaced(html, tag.tag, tag.written)
    return html, found


def offered(html: str, names: Collection[str]) -> list[ForeignTag]:
    """Other programs' tags that are still there, and those that are written as ours but name nothing of ours. `names`:
    own fields, which may be meant."""
    found = foreign_tags(html, names=names)
    theirs = {tag.tag for tag in found}
    known = {*merge_values.NAMES, *message_tags.OF_MESSAGE, *names}
    return [*found, *(tag for tag in unknown_tags(html, known, names) if tag.tag not in theirs)]


def with_ours(html: str, chosen: Mapping[str, str], names: Collection[str]) -> str:
    """The HTML with our merge tag in the place of each chosen one: {theirs: our name}. The fallback stays."""
    for tag in offered(html, names):
        ours = chosen.get(tag.tag, "")
        if ours:
            html = replaced(html, tag.tag, tag.written if ours == tag.ours else f"{{{{ {ours} }}}}")
    return html


def replaced(html: str, theirs: str, ours: str) -> str:
    """The HTML with one tag in place of another, however it is escaped. An address becomes a link where it stands in
    the text: nobody wants to read it."""
    for written in dict.fromkeys((theirs, html_module.escape(theirs), html_module.escape(theirs, quote=False))):
        pieces, position = [], 0
        while (at := html.find(written, position)) >= 0:
            pieces += [html[position:at], _fitting(html, at, ours)]
            position = at + len(written)
        html = "".join([*pieces, html[position:]])
    return html


def _fitting(html: str, at: int, ours: str) -> str:
    words = {
        "{{ unsubscribe_url }}": _("Unsubscribe"),
        "{{ preferences_url }}": _("Preferences"),
        "{{ view_url }}": _("View in browser"),
    }
    if ours not in words:
        return ours
    before = html[max(0, at - LOOKED_BACK) : at]
    if before.rfind("<") > before.rfind(">"):
        return ours  # within a tag
    last = max((found.start() for found in _LINK_BEGINS.finditer(before)), default=-1)
    closed = max((found.start() for found in _LINK_ENDS.finditer(before)), default=-1)
    return words[ours] if last > closed else f'<a href="{ours}">{words[ours]}</a>'
