"""What of a rendered message a reader sees.

Follows the ways in which mails hide things: comments, `display`, `visibility`, `opacity`, sizes of zero, places outside
of the window, text in the colour of its background. Style sheets count as far as they hold for every window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tinycss2
from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from tinycss2.color4 import parse_color

from templates_app.merging import spend
from templates_app.sanitising import allowed

_COMPOUND = re.compile(r"(?P<tag>\*|[\w-]+)?(?P<more>(?:[.#][\w-]+)*)")
_LENGTH = re.compile(r"(-?[\d.]+)\s*([a-z%]*)")
_FONT_OF_ZERO = re.compile(r"(?:[\w-]+\s+)*0(?:px|pt|em)?(?:/|\s)")
_SMALLEST = 2  # pixels; text below is not read
_FAR = -400  # pixels; where text is outside of any window
_NO_TEXT = frozenset({"style", "title", "script", "head", "xml"})
_NO_GROUND = {"", "none", "transparent", "inherit", "initial", "unset"}
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}


@dataclass
class _Rule:
    """Declarations for the elements that match; the last of `path` is the element, the others are above it."""

    path: list[tuple[str, frozenset[str]]]
    declarations: dict[str, str]
    rank: tuple[int, int]


@dataclass
class _Look:
    """How text looks at a place of the document."""

    gone: bool = False
    invisible: bool = False
    size: float = 16.0
    color: Any = None  # None is the reader's own
    ground: Any = field(default_factory=lambda: parse_color("white"))

    @property
    def is_seen(self) -> bool:
        return not (self.gone or self.invisible or self.size < _SMALLEST or _is_lost(self.color, self.ground))


class Rendered:
    """A rendered message. Ask what a reader sees of it."""

    def __init__(self, html: str, *, is_dark: bool = False):
        """`is_dark`: as mail programs show it that are dark, and follow what the message says about that."""
        spend()
        self.root = document_fromstring(f"<body>{html}")
        self._rules = _rules("\n".join(node.text or "" for node in self.root.iter("style")), is_dark=is_dark)
        self._looks: dict[HtmlElement, _Look] = {}

    def shows_text(self, words: str) -> bool:
        """Whether a reader sees these words. Upper and lower case are the same."""
        return any(words in text.lower() and self._look(node).is_seen for node, text in self.texts(self.root))

    def shows_link(self, address: str) -> bool:
        """Whether a reader sees a link to an address that has this part, or this part as text."""
        for link in self.root.iter("a", "area"):
            if address in (link.get("href") or "").lower() and self._is_clickable(link):
                return True
        return self.shows_text(address)

    def shown_texts(self) -> Iterator[tuple[HtmlElement, str, float, float | None]]:
        """(element, text, size in pixels, contrast to what is behind it) of each text that a reader sees. The contrast
        is that of WCAG 2.2, 1 to 21; None where a colour is not known."""
        for node, text in self.texts(self.root):
            if not text.strip("\xa0\u200b\u200c\u200d\ufeff \t\r\n"):
                continue
            look = self._look(node)
            if look.is_seen:
                yield node, text, look.size, _contrast(look.color, look.ground)

    def _is_clickable(self, link: HtmlElement) -> bool:
        if link.tag == "area":
            return not self._look(link).gone
        texts = any(
            text.strip("\xa0\u200b\u200c\u200d\ufeff \t\r\n") and self._look(node).is_seen
            for node, text in self.texts(link)
        )
        return texts or any(self._is_picture(image) for image in link.iter("img"))

    def _is_picture(self, image: HtmlElement) -> bool:
        look = self._look(image)
        sizes = (_pixels(image.get(side, ""), 0) for side in ("width", "height"))
        return bool(image.get("src")) and not (look.gone or look.invisible) and all(n is None or n > 1 for n in sizes)

    def texts(self, root: HtmlElement | None = None) -> Iterator[tuple[HtmlElement, str]]:
        """(element, text) for each piece of text, seen or not; the element is the one that the text stands in."""
        root = self.root if root is None else root
        for node in root.iter(etree.Element):
            if node.tag not in _NO_TEXT and node.text:
                yield node, node.text
        for node in root.iter():
            parent = node.getparent()
            if node is not root and node.tail and parent is not None and parent.tag not in _NO_TEXT:
                yield parent, node.tail

    def _look(self, node: HtmlElement) -> _Look:
        found = self._looks.get(node)
        if found is None:
            chain = [node, *node.iterancestors()]
            above = _Look()
            for element in reversed(chain):
                known = self._looks.get(element)
                above = known if known is not None else self._looks.setdefault(element, self._below(above, element))
            found = above
        return found

    def _below(self, above: _Look, node: HtmlElement) -> _Look:
        style = self._style(node)
        shown = style.get("visibility")
        return _Look(
            gone=above.gone or node.tag in _NO_TEXT or _is_gone(style),
            invisible=above.invisible if shown is None else shown in ("hidden", "collapse"),
            size=_size(style, above.size),
            color=_color(style, node, above),
            ground=_ground(style, above),
        )

    def _style(self, node: HtmlElement) -> dict[str, str]:
        style = {"background-color": node.get("bgcolor", "")} if node.get("bgcolor") else {}
        if node.get("background"):
            style["background-image"] = "url()"
        if node.tag == "font" and node.get("color"):
            style["color"] = node.get("color", "")
        important: dict[str, str] = {}
        spend()
        for rule in self._rules:
            if _matches(rule.path, node):
                _apply(rule.declarations, style, important)
        _apply(_declarations(tinycss2.parse_blocks_contents(node.get("style", ""))), style, important)
        return style | important


def _apply(declarations: dict[str, str], style: dict[str, str], important: dict[str, str]) -> None:
    for name, value in declarations.items():
        if value.endswith("!"):
            important[name] = value[:-1]
        else:
            style[name] = value


def _is_gone(style: dict[str, str]) -> bool:
    """Whether the element and all in it is not there for the eye."""
    opacity = _number(style.get("opacity"))
    if style.get("display") == "none" or (opacity is not None and opacity < 0.05):
        return True
    if re.search(r"\bscale[xy]?\(0\)", style.get("transform", "")):
        return True
    cut = style.get("overflow", "") in ("hidden", "clip")
    if cut and any(_pixels(style.get(name, ""), 16) == 0 for name in ("height", "max-height", "width", "max-width")):
        return True
    places = ["text-indent"] + (["left", "top"] if style.get("position") in ("absolute", "fixed") else [])
    return any((_pixels(style.get(name, ""), 16) or 0) < _FAR for name in places)


def _size(style: dict[str, str], above: float) -> float:
    size = _pixels(style.get("font-size", ""), above)
    if size is None and _FONT_OF_ZERO.match(style.get("font", "")):
        return 0
    return above if size is None else size


def _color(style: dict[str, str], node: HtmlElement, above: _Look) -> Any:
    color = _solid(style.get("color", ""))
    if color is not None:
        return color
    # Browsers have a colour of their own for links.
    return None if node.tag == "a" and style.get("color") != "inherit" else above.color


def _ground(style: dict[str, str], above: _Look) -> Any:
    """The colour behind the text; None where it is not known, behind a picture for instance."""
    values = {style.get(name, "") for name in ("background", "background-color", "background-image")} - _NO_GROUND
    if not values:
        return above.ground
    color = _solid(values.pop())
    return color if color is not None and color.alpha == 1 and not values else None


def _solid(text: str) -> Any:
    color = parse_color(text) if text else None
    return color if color is not None and getattr(color, "space", "") in ("srgb", "hsl", "hwb") else None


def _is_lost(color: Any, ground: Any) -> bool:
    """Whether text of this colour can't be told from what is behind it."""
    if color is None or ground is None:
        return color is not None and color.alpha < 0.05
    pairs = zip(color.to("srgb").coordinates, ground.to("srgb").coordinates, strict=True)
    return color.alpha < 0.05 or all(abs(one - other) < 0.03 for one, other in pairs)


def _contrast(color: Any, ground: Any) -> float | None:
    if color is None or ground is None or color.alpha < 1:
        return None
    lighter, darker = sorted((_luminance(color), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Any) -> float:
    """WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.to("srgb").coordinates
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _pixels(text: str, em: float) -> float | None:
    found = _LENGTH.fullmatch(text.strip().lower())
    number = _number(found[1]) if found else None
    if found is None or number is None:
        return None
    if found[2] in ("em", "%"):
        return number * em / (100 if found[2] == "%" else 1)
    return number * _PIXELS.get(found[2], 16.0)


def _rules(css: str, *, is_dark: bool = False) -> list[_Rule]:
    rules: list[_Rule] = []
    _collect(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), rules, is_dark=is_dark)
    return sorted(rules, key=lambda rule: rule.rank)


def _collect(nodes: list, rules: list[_Rule], *, is_dark: bool) -> None:
    for node in nodes:
        if is_dark and node.type == "at-rule" and _is_about_the_dark(node):
            _collect(tinycss2.parse_rule_list(node.content, True, True), rules, is_dark=False)
        if node.type != "qualified-rule":
            continue  # media queries and the like do not hold for everybody
        declarations = _declarations(tinycss2.parse_blocks_contents(node.content))
        for selector in tinycss2.serialize(node.prelude).split(","):
            path = _path(selector)
            if path and declarations:
                rank = sum(10 if part[1] else 1 for part in path)
                rules.append(_Rule(path, declarations, (rank, len(rules))))


def _is_about_the_dark(node: Any) -> bool:
    about = "".join(tinycss2.serialize(node.prelude).split()).lower()
    return node.lower_at_keyword == "media" and about == "(prefers-color-scheme:dark)" and node.content is not None


def _declarations(nodes: list) -> dict[str, str]:
    found = {}
    for node in nodes:
        if node.type == "declaration" and node.lower_name in allowed.CSS_PROPERTIES:
            value = tinycss2.serialize(node.value).strip().lower()
            found[node.lower_name] = f"{value}!" if node.important else value
    return found


def _path(selector: str) -> list[tuple[str, frozenset[str]]]:
    """The elements that a selector names, from the outside in; empty if it asks for more than names."""
    path = []
    for part in selector.replace(">", " ").split():
        found = _COMPOUND.fullmatch(part)
        if not found:
            return []
        path.append(((found["tag"] or "*").lower(), frozenset(re.findall(r"[.#][\w-]+", found["more"]))))
    return path


def _matches(path: list[tuple[str, frozenset[str]]], node: HtmlElement) -> bool:
    if not _fits(path[-1], node):
        return False
    above = node.iterancestors()
    return all(any(_fits(part, element) for element in above) for part in reversed(path[:-1]))


def _fits(part: tuple[str, frozenset[str]], node: HtmlElement) -> bool:
    tag, names = part
    if tag not in ("*", node.tag):
        return False
    own = {f".{name}" for name in (node.get("class") or "").split()} | {f"#{node.get('id')}"}
    return names <= own
