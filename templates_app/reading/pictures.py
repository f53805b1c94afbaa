"""Pictures that readers of a mail don't get to see, by their addresses."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterator

from templates_app.merging.hiding import HiddenTags
from templates_app.message_links import attributes

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}", re.IGNORECASE)
_CSS_URL = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"')]*))\s*\)", re.IGNORECASE)
_SHEET = re.compile(r"<style\b[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)


def broken_pictures(html: str) -> list[tuple[str, str]]:
    """(kind, address), each once: "relative" has no server, "attached" (`cid:`) no attachment, and "embedded" (`data:`)
    is not shown by Gmail and Outlook. Addresses that begin with a merge tag are not judged."""
    hidden = HiddenTags(html)
    found = []
    for address in dict.fromkeys(address.strip() for address in _addresses(hidden)):
        kind = "" if hidden.marker.match(address) else _kind(address.lower())
        if kind:
            found.append((kind, hidden.show(address)))
    return found


def _addresses(hidden: HiddenTags) -> Iterator[str]:
    for _element, name, start, end in attributes(hidden):
        value = html_module.unescape(hidden.text[start:end])
        if name in ("src", "background"):
            yield value
        elif name == "srcset":
            yield from (part.split()[0] for part in value.split(",") if part.strip())
        elif name == "style":
            yield from _in_css(value)
    for sheet in _SHEET.findall(hidden.text):
        yield from _in_css(_FONT_FACE.sub("", sheet))


def _in_css(css: str) -> Iterator[str]:
    return ("".join(groups) for groups in _CSS_URL.findall(css))


def _kind(address: str) -> str:
    if not address or address.startswith(("http://", "https://", "#")):
        return ""
    if address.startswith("cid:"):
        return "attached"
    return "embedded" if address.startswith("data:") else "relative"
