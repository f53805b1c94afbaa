"""Checks the cleaned document with justhtml, a parser that shares no code with the first one.

It reads the document twice: as stored, with merge tags as plain text, and with every merge tag rendered to nothing.
"""

import re
from typing import Any

from django.utils.translation import gettext
from justhtml import JustHTML

from . import allowed
from .merge_tags import without

_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
_PICTURE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?", re.IGNORECASE)
_CSS_FORBIDDEN = re.compile(r"(?:java|vb)script:|expression\s*\(|@import|-moz-binding|(?:^|[;{\s])behavior\s*:|</")
_FONT_IMPORT = re.compile(
    rf"@import (?:url\(\s*)?[\"']?{allowed.FONT_SHEET.pattern}[\"']?\s*\)?[\w\s,]*;", re.IGNORECASE
)
_CSS_URL = re.compile(r"url\(\s*[\"']?([^\"')]*)")
_WITHIN_OUTLOOK = allowed.OUTLOOK_TAGS | {"html", "head", "body"}
_CONDITIONAL = re.compile(r"\[if [^\]]{1,60}\]>(.*)<!\[endif\]", re.DOTALL)


class Unsafe(Exception):
    """Raised if the cleaned document still contains something forbidden. It must not be stored."""

    def __init__(self, finding: str) -> None:
        super().__init__(finding)
        self.finding = finding


def verify(html: str) -> None:
    for reading in dict.fromkeys((html, without(html))):
        finding = _first_finding(JustHTML(reading, sanitize=False).root, outlook=False)
        if finding:
            raise Unsafe(gettext("The message still contains %(finding)s.") % {"finding": finding})


def _first_finding(root: Any, outlook: bool) -> str:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if finding := _finding(node, outlook):
            return finding
        nodes.extend(getattr(node, "children", None) or [])
        nodes.extend(filter(None, [getattr(node, "template_content", None)]))
    return ""


def _finding(node: Any, outlook: bool) -> str:
    if node.name == "#comment":
        return "" if outlook else _comment_finding(node.data or "")
    if node.name.startswith(("#", "!")):
        return ""
    tags = _WITHIN_OUTLOOK if outlook else allowed.TAGS
    if node.name not in tags or node.namespace not in (None, "html"):
        return f"<{node.name[:40]}>"
    if node.name == "link" and not _is_font_link(node.attrs or {}):
        return "<link>"
    if node.name == "style" and (finding := _css_finding(_text_of(node))):
        return finding
    pairs = (node.attrs or {}).items()
    return next(filter(None, (_attribute_finding(node, name, value or "", outlook) for name, value in pairs)), "")


def _is_font_link(attributes: dict) -> bool:
    """Whether the only thing that the <link> can load is a style sheet of fonts."""
    address = (attributes.get("href") or "").strip().lower()
    hosts = tuple(f"https://{host}/" for host in allowed.FONT_HOSTS)
    return (attributes.get("rel") or "").strip().lower() == "stylesheet" and address.startswith(hosts)


def _comment_finding(data: str) -> str:
    found = _CONDITIONAL.fullmatch(data)
    return _first_finding(JustHTML(found.group(1), sanitize=False).root, outlook=True) if found else ""


def _attribute_finding(node: Any, name: str, value: str, outlook: bool) -> str:
    if name not in allowed.OF_TAG.get(node.name, allowed.EVERYWHERE) and not (
        outlook and name in allowed.OUTLOOK_ATTRIBUTES
    ):
        return f"{name[:40]} ({node.name})"
    if name == "style":
        return _css_finding(value)
    if name == "http-equiv" and value.strip().lower() not in allowed.META_EQUIVALENTS:
        return f"http-equiv={value[:40]}"
    if (name == "srcset" or name in allowed.URL_ATTRIBUTES) and not _address_allowed(value):
        return f"{name} ({node.name})"
    return ""


def _address_allowed(value: str) -> bool:
    plain = _IGNORED.sub("", value).lower()
    scheme = _SCHEME.match(plain)
    return not scheme or scheme.group(1) in allowed.PROTOCOLS or bool(_PICTURE.match(plain))


def _css_finding(text: str) -> str:
    plain = _FONT_IMPORT.sub("", _CSS_ESCAPE.sub(_character, _CSS_COMMENT.sub("", text)).lower())
    if found := _CSS_FORBIDDEN.search(plain):
        return f"CSS {found.group()[:40]}"
    return next(("CSS url()" for address in _CSS_URL.findall(plain) if not _address_allowed(address)), "")


def _character(escape: re.Match[str]) -> str:
    number = int(escape.group(1), 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def _text_of(node: Any) -> str:
    return "".join(child.data or "" for child in node.children if child.name == "#text")
