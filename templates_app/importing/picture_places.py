"""Where pictures stand in sanitised HTML, and other addresses in their place. Also in what only Outlook reads."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable, Iterator

from templates_app.merging.hiding import HiddenTags
from templates_app.message_links import attributes

_CSS_URL = re.compile(
    r"(url\(\s*)(?P<quote>\"|'|&quot;|&\#34;|&\#39;|)(?P<address>[^\"')]{0,2000}?)(?P=quote)(\s*\))", re.IGNORECASE
)
_SHEET = re.compile(r"<style\b[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}", re.IGNORECASE)

#: Gives another address for one, or the same.
New = Callable[[str], str]


def rewritten(html: str, new: New) -> str:
    """The HTML with `new(address)` for the address of each picture that has no merge tag in it. All else stays as it
    is."""
    hidden = HiddenTags(html)

    def one(written: str) -> str:
        address = html_module.unescape(written).strip()
        if not address or hidden.marker.search(address):
            return written
        other = new(address)
        return written if other == address else html_module.escape(other)

    pieces, position = [], 0
    for start, end, value in _values(hidden, one):
        pieces += [hidden.text[position:start], value]
        position = end
    return hidden.show("".join([*pieces, hidden.text[position:]]))


def addresses(html: str) -> list[str]:
    """Each address of a picture once, in order."""
    found: dict[str, None] = {}

    def note(address: str) -> str:
        found[address] = None
        return address

    rewritten(html, note)
    return list(found)


def _values(hidden: HiddenTags, one: New) -> Iterator[tuple[int, int, str]]:
    """(start, end, new value) of every place, in order."""
    found = [*_in_attributes(hidden, one), *_in_sheets(hidden, one)]
    return iter(sorted(found))


def _in_attributes(hidden: HiddenTags, one: New) -> Iterator[tuple[int, int, str]]:
    for _element, name, start, end in attributes(hidden):
        value = hidden.text[start:end]
        if name in ("src", "background"):
            yield start, end, one(value)
        elif name == "srcset":
            parts = value.split(",")
            others = [_candidate(part, one) for part in parts]
            yield start, end, value if others == [part.strip() for part in parts] else ", ".join(others)
        elif name == "style" and "url(" in value.lower():
            yield start, end, _in_css(value, one)


def _candidate(text: str, one: New) -> str:
    address, space, size = text.strip().partition(" ")
    return f"{one(address)}{space}{size}"


def _in_sheets(hidden: HiddenTags, one: New) -> Iterator[tuple[int, int, str]]:
    for sheet in _SHEET.finditer(hidden.text):
        if "url(" not in sheet[1].lower():
            continue
        fonts = [found.span() for found in _FONT_FACE.finditer(sheet[1])]
        pieces, position = [], 0
        for start, end in [*fonts, (len(sheet[1]), len(sheet[1]))]:
            pieces += [_in_css(sheet[1][position:start], one), sheet[1][start:end]]
            position = end
        yield sheet.start(1), sheet.end(1), "".join(pieces)


def _in_css(css: str, one: New) -> str:
    return _CSS_URL.sub(
        lambda found: f"{found[1]}{found['quote']}{one(found['address'])}{found['quote']}{found[4]}", css
    )
