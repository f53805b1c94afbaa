"""What a website's page says of who it belongs to: its name, its logos, its colours."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from lxml import etree

MAX_FOUND = 12  # logos, and stylesheets
MAX_STYLES = 200_000  # characters of styles in the page
MAX_TEXT = 20_000  # characters of a script with data
NAMES = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_LOGO = re.compile(r"logo|brand", re.IGNORECASE)
_CUT = re.compile(r"\s+[|–—·•:-]\s+")
_SIDE = re.compile(r"([0-9]{1,4})x[0-9]{1,4}")


@dataclass(frozen=True)
class FoundLogo:
    """`rank`: the lower, the more it is a logo."""

    rank: int
    address: str


@dataclass
class Page:
    """Addresses are absolute. `names` best first; `theme` is the colour that the page gives to browsers, if any."""

    names: list[str] = field(default_factory=list)
    logos: list[FoundLogo] = field(default_factory=list)
    stylesheets: list[str] = field(default_factory=list)
    styles: str = ""
    theme: str = ""

    @property
    def name(self) -> str:
        return next((name for name in self.names if name), "")


def read(html: str, address: str) -> Page:
    """The page at an address. Whatever is in it, it takes time in the length of the text."""
    reader = _Reader(address)
    try:
        # Text in, so that no declaration inside decides its encoding.
        tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", no_network=True, recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return reader.found()
    if tree is not None:
        for element in tree.iter("meta", "link", "img", "title", "style", "script"):
            reader.take(element)
    return reader.found()


class _Reader:
    def __init__(self, address: str):
        self._address = address
        self._page = Page()
        self._named: dict[str, str] = {}

    def found(self) -> Page:
        self._page.names = [self._named.get(name, "") for name in (NAMES[0], "data", *NAMES[1:])]
        self._page.names.append(_CUT.split(self._named.get("title", ""))[0].strip())
        self._page.logos.sort(key=lambda logo: logo.rank)
        return self._page

    def take(self, element: Any) -> None:
        given, text = element.attrib, element.text or ""
        if element.tag == "meta":
            self._meta(given)
        elif element.tag == "link":
            self._link(given)
        elif element.tag == "img":
            self._image(given, is_in_header=any(above.tag == "header" for above in element.iterancestors()))
        elif element.tag == "title" and element.getparent().tag != "svg":
            self._named.setdefault("title", _words(text))
        elif element.tag == "style":
            self._page.styles = (self._page.styles + text + "\n")[:MAX_STYLES]
        elif given.get("type") == "application/ld+json":
            self._data(text)

    def _meta(self, given: dict[str, str]) -> None:
        name = (given.get("property") or given.get("name", "")).lower()
        content = given.get("content", "")
        if name in NAMES:
            self._named.setdefault(name, _words(content))
        elif name == "theme-color" and not self._page.theme:
            self._page.theme = content[:40]

    def _link(self, given: dict[str, str]) -> None:
        kinds, address = given.get("rel", "").lower().split(), given.get("href", "")
        sheet = self._absolute(address) if "stylesheet" in kinds else ""
        if sheet and len(self._page.stylesheets) < MAX_FOUND:
            self._page.stylesheets.append(sheet)
        side = max((int(found) for found in _SIDE.findall(given.get("sizes", ""))), default=0)
        if "apple-touch-icon" in kinds or "apple-touch-icon-precomposed" in kinds:
            self._logo(3, address)
        elif "icon" in kinds:
            self._logo(4 if side >= 96 else 5, address)

    def _image(self, given: dict[str, str], *, is_in_header: bool) -> None:
        told = " ".join(given.get(name, "") for name in ("class", "id", "alt", "src"))[:1000]
        if _LOGO.search(told):
            self._logo(0 if is_in_header else 2, given.get("src") or given.get("data-src", ""))

    def _logo(self, rank: int, address: str) -> None:
        if (place := self._absolute(address)) and len(self._page.logos) < MAX_FOUND:
            self._page.logos.append(FoundLogo(rank, place))

    def _absolute(self, address: str) -> str:
        """Empty for what is no address of the web: pictures in the page itself, and slips."""
        try:
            place = urljoin(self._address, address.strip())
        except ValueError:
            return ""
        return place if address and place.startswith(("http://", "https://")) else ""

    def _data(self, text: str) -> None:
        """schema.org's organisation, as JSON-LD."""
        try:
            told = json.loads(text[:MAX_TEXT])
        except (ValueError, RecursionError):
            return
        listed = told if isinstance(told, list) else told.get("@graph", [told]) if isinstance(told, dict) else []
        for one in listed if isinstance(listed, list) else []:
            if not isinstance(one, dict) or "Organization" not in str(one.get("@type", ""))[:100]:
                continue
            if isinstance(one.get("name"), str):
                self._named.setdefault("data", _words(one["name"]))
            logo = one.get("logo")
            logo = logo.get("url") if isinstance(logo, dict) else logo
            if isinstance(logo, str):
                self._logo(1, logo)


def _words(text: str) -> str:
    return " ".join(text[:1000].split())[:120]
