"""The links of a message's HTML: where they stand, where they lead, and which clicks can be counted.

Reads HTML as sanitising writes it: attributes in quotes, and no angle bracket in text or attributes.
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from templates_app.merging.hiding import HiddenTags

# Elements that a reader can click: links, areas of image maps, Outlook's shapes (in conditional comments).
_CLICKABLE = re.compile(r"a|area|v:\w+", re.IGNORECASE)
_ELEMENT = re.compile(r"<([a-z][\w:-]*)((?:\s+[^\s=>\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?)*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s([^\s=>\"']+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_WEB = re.compile(r"https?://[^/\\?#]", re.IGNORECASE)
# An address with merge tags of which nobody but the merchant decides the host: it ends before the first tag.
_WITH_HOST = re.compile(r"https?://[^/\\?#@\s]+[/?#]", re.IGNORECASE)
_END = re.compile(r"</(?:a|area)\s*>", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b[^>]*?\salt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_MAX_INSIDE = 20_000  # characters in which a link's words are looked for
MAX_LABEL = 200


@dataclass(frozen=True)
class Link:
    """`target` is where it leads, with its merge tags; `is_countable` says whether a redirect can take its place.

    Where the target has merge tags, `prefix` is what stands before the first one. The redirect is given the rest."""

    target: str
    is_countable: bool
    prefix: str = ""
    label: str = field(default="", compare=False)  # its words, or what its picture says

    @property
    def is_web(self) -> bool:
        return bool(_WEB.match(self.target))


def links_of(html: str) -> list[Link]:
    """Every link of the message once, in order of appearance. None in merge comments."""
    hidden = HiddenTags(html)
    return list(dict.fromkeys(link for _start, _end, link in _find(hidden)))


def counted_links(html: str) -> list[Link]:
    """The links whose clicks can be counted. Their places in this list are their positions."""
    found: list[Link] = []

    def note(link: Link) -> str:
        found.append(link)
        return ""

    replace_links(html, note)
    return found


def replace_links(html: str, replacement: Callable[[Link], str]) -> str:
    """The HTML with `replacement(link)`, which may have merge tags, in place of each link that can be counted, and the
    rest of the address behind it where the link has a prefix. All else stays as it is."""
    hidden = HiddenTags(html)
    pieces, position, is_raw = [], 0, False
    for start, end, link in _find(hidden):
        is_raw = _is_raw_after(hidden, hidden.text[position:start], is_raw)
        pieces.append(hidden.text[position:start])
        position = end
        if not link.is_countable or (is_raw and link.prefix):
            pieces.append(hidden.text[start:end])
            continue
        new = replacement(link)
        if link.prefix:
            rest = hidden.marker.search(hidden.text, start, end)
            pieces.append(new + (hidden.text[rest.start() : end] if rest else ""))
            continue
        # In a raw block the merge tags of the replacement would be printed.
        pieces.append(f"{{% endraw %}}{new}{{% raw %}}" if is_raw else new)
    return hidden.show("".join([*pieces, hidden.text[position:]]))


def attributes(hidden: HiddenTags) -> Iterator[tuple[str, str, int, int]]:
    """(element, name, start, end of the value) of each attribute with a value, by its place in `hidden.text`."""
    for element in _ELEMENT.finditer(hidden.text):
        for attribute in _ATTRIBUTE.finditer(hidden.text, *element.span(2)):
            yield element[1].lower(), attribute[1].lower(), attribute.start(2) + 1, attribute.end(2) - 1


def _find(hidden: HiddenTags) -> Iterator[tuple[int, int, Link]]:
    """(start, end, link) of each address that a link leads to, by its place in `hidden.text`."""
    for element, name, start, end in attributes(hidden):
        if name == "href" and _CLICKABLE.fullmatch(element):
            label = _label(hidden, end) if element == "a" else ""
            yield start, end, _link(hidden.text[start:end], hidden, label)


def _label(hidden: HiddenTags, position: int) -> str:
    """What stands in the link whose address ends at `position`."""
    begin = hidden.text.find(">", position) + 1
    end = _END.search(hidden.text, begin, begin + _MAX_INSIDE)
    inside = _PICTURE.sub(lambda found: found[1] or found[2] or "", hidden.text[begin : end.start() if end else begin])
    text = html_module.unescape(_MARKUP.sub("", inside))
    return hidden.show(" ".join(text.split()))[:MAX_LABEL]


def _link(written: str, hidden: HiddenTags, label: str) -> Link:
    # Browsers ignore white space around an address and line ends and tabs in it (URL Standard, 4.4).
    target = re.sub(r"[\t\r\n]", "", html_module.unescape(written)).strip()
    first = hidden.marker.search(target)
    if first is None:
        return Link(target, is_countable=bool(_WEB.match(target)), label=label)
    prefix = target[: first.start()]
    if not _WITH_HOST.match(prefix):
        return Link(hidden.show(target), is_countable=False, label=label)
    return Link(hidden.show(target), is_countable=True, prefix=prefix, label=label)


def _is_raw_after(hidden: HiddenTags, text: str, before: bool) -> bool:
    kinds = [tag.kind for tag in hidden.within(text) if tag.kind in ("raw", "endraw")]
    return kinds[-1] == "raw" if kinds else before
