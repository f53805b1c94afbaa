"""The text part of a message, made from its HTML.

The merge tags keep their order, whatever the layout: tables are read cell by cell and not laid out side by side,
because that would tear conditions and loops apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml.html import HtmlElement as Element
from lxml.html import document_fromstring

from templates_app.merging import is_readable, spintax
from templates_app.merging.hiding import HiddenTags, Tag

# Its conditions, loops and assignments stay: their other half may stand outside.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSEEN = frozenset({"style", "title", "script", "xml"})
_BLOCKS = "table tr p div h1 h2 h3 h4 h5 h6 ul ol li center section article header footer address blockquote pre"
_NOT_SHOWN = re.compile(r"(?:^|[;\s])display\s*:\s*none\b", re.IGNORECASE)
# What may stand behind an address without a space. Anything else would be taken for its end.
_AFTER_ADDRESSES = frozenset(".,;:!?)]}>»”’…")
# Filters that only make HTML of a value.
_HTML_FILTERS = re.compile(r"\s*\|\s*(?:newline_to_br|escape|escape_once)\s*(?=\||-?\}\})")
MAX_EMPTY = 30  # elements without text
_TABLE_TAGS = ("table", "tr", "td", "th")
_BLOCK, _INLINE = HtmlElement(display=Display.block), HtmlElement(display=Display.inline)
_CONFIG = ParserConfig(
    css=CSS_PROFILES["strict"]
    | {"head": _INLINE, "table": _BLOCK, "tr": _BLOCK, "caption": _BLOCK, "center": _BLOCK, "section": _BLOCK}
    | {"hr": _BLOCK, "dt": _BLOCK, "dd": _BLOCK, "div": _BLOCK},
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        dict.fromkeys(_TABLE_TAGS, lambda state, attributes: None), dict.fromkeys(_TABLE_TAGS, lambda state: None)
    ),
)


def text_of(html: str) -> str:
    """The document as text, with the address of each link after its text. Merge tags stay unchanged. A document whose
    merge tags can't be read stays as it is: what is wrong is said where it is merged."""
    if not is_readable(html):
        return html
    hidden = HiddenTags(html)
    groups = spintax.Kept(hidden)
    body = _COMMENT.sub(lambda comment: hidden.keep(comment[0], "block"), groups.text)
    root = document_fromstring(f"<body>{body}")
    for node in list(root.iter(etree.Element)):
        _prepare(node, hidden)
    for link in list(root.iter("a")):  # when all pictures have become words
        _write_address(link)
    for node in root.iter():
        _escape(node)
    lines = [line.strip() for line in Inscriptis(root, _CONFIG).get_text().splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return groups.show(_shown(text, hidden))


def _prepare(node: Element, hidden: HiddenTags) -> None:
    """Put what a reader of text needs into the element, and take out what a reader of HTML does not see."""
    if node.tag in _UNSEEN or _NOT_SHOWN.search(node.get("style", "")):
        _empty(node, hidden)
    elif node.tag == "img":
        node.tag, node.text = "span", node.get("alt", "")
        following = node.getnext()
        if not node.tail and following is not None and following.tag == "img":
            node.tail = " "
    elif node.tag == "area":
        node.tag, node.text = "div", _with_address(node.get("alt", ""), _address(node))
    elif node.tag in ("td", "th"):
        node.tail = f" {node.tail or ''}"


def _empty(node: Element, hidden: HiddenTags) -> None:
    """Leave only the conditions, loops and assignments: their other half may stand elsewhere."""
    kept = hidden.keep("".join(node.itertext()), "block")
    for child in list(node):
        node.remove(child)
    node.tag, node.text = "span", kept
    node.attrib.clear()


def _write_address(link: Element) -> None:
    address = _address(link)
    words = " ".join(_words(link).split())
    if not address or words in (address, address.partition(":")[2]):
        return
    _strip_end(link)
    between = "" if not words else " " if link.find(".//br") is not None or _has_block(link) else ": "
    end = link.makeelement("span")
    end.text = f"{between}{address}"
    link.append(end)
    following = _following(link)
    if following and not following.isspace() and following not in _AFTER_ADDRESSES:
        link.tail = f" {link.tail or ''}"


def _following(link: Element) -> str:
    """The first letter of what follows the link on its line; empty where nothing does. Behind many empty elements
    there may be anything: looking further, for each link, would take the square of a text's time."""
    for text in islice(_texts_after(link), 2 * MAX_EMPTY):
        if text:
            return text[0]
    return ""


def _texts_after(link: Element) -> Iterator[str]:
    """The texts behind the link in their order, up to the end of its block."""
    node = link
    while node is not None and node.tag not in _BLOCKS.split():
        yield node.tail or ""
        for later in node.itersiblings(etree.Element):
            for event, inner in etree.iterwalk(later, events=("start", "end")):
                yield (inner.text if event == "start" else inner.tail) or ""
        node = node.getparent()


def _words(link: Element) -> str:
    return "".join(link.itertext())


def _strip_end(link: Element) -> None:
    """Remove white space at the end of the link's text, so that the colon stands at the last word."""
    last = link
    while len(last):
        last = last[-1]
        if (last.tail or "").strip():
            last.tail = last.tail.rstrip()
            return
        last.tail = ""
    last.text = (last.text or "").rstrip()


def _has_block(link: Element) -> bool:
    return next(link.iter(*_BLOCKS.split()), None) is not None


def _address(link: Element) -> str:
    """Where the link leads, without the white space that browsers ignore (URL Standard, 4.4); "" within the page."""
    address = re.sub(r"[\t\r\n]", "", link.get("href", "")).strip()
    return "" if address.startswith("#") else address.replace(" ", "%20")


def _with_address(words: str, address: str) -> str:
    return f"{words}: {address}" if words and address else words or address


def _escape(node: Element) -> None:
    """Inscriptis takes character references for what they stand for; the parser has done that already."""
    for part in ("text", "tail"):
        text = getattr(node, part)
        if text and "&" in text:
            setattr(node, part, text.replace("&", "&amp;"))


def _shown(text: str, hidden: HiddenTags) -> str:
    """The text with its merge tags. Braces that are none of them, but would look like some, are printed by one."""
    return "".join(_pieces(text, hidden))


def _pieces(text: str, hidden: HiddenTags) -> Iterator[str]:
    position = 0
    for found in hidden.marker.finditer(text):
        yield _literal(text[position : found.start()], before_tag=True)
        yield _written(hidden.tags[int(found[1])])
        position = found.end()
    yield _literal(text[position:])


def _literal(text: str, *, before_tag: bool = False) -> str:
    end = r"(?=[{%]|\Z)" if before_tag else r"(?=[{%])"
    return re.sub(rf"\{{{end}", "{{ '{' }}", text)


def _written(tag: Tag) -> str:
    if tag.kind == "braces":
        return "{{ '" + tag.source + "' }}"
    if tag.kind in ("raw", "endraw", "comment"):
        return ""
    return _HTML_FILTERS.sub("", tag.source) if tag.kind == "output" else tag.source
