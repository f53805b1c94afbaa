"""What of a rendered message a reader sees.

Follows the ways in which mails hide things: comments, `display`, `visibility`, `opacity`, sizes of zero, places outside
of the window, text in the colour of its background. Style sheets count as far as they hold for every window; `views`
has what else they may come to.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import tinycss2
from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from tinycss2.color4 import parse_color

from templates_app.merging import spend
from templates_app.reading.hiding_styles import is_covering, is_hiding
from templates_app.reading.sheets import (
    Rule,
    declarations_of,
    filled_in,
    is_about_the_dark,
    is_loud,
    is_loud_itself,
    plain,
    rules_of,
    together,
)

_LENGTH = re.compile(r"(-?[\d.]+)\s*([a-z%]*)")
_FONT_OF_ZERO = re.compile(r"(?:[\w-]+\s+)*0(?:px|pt|em)?(?:/|\s)")
_SMALLEST = 2  # pixels; text below is not read
_FAR = -400  # pixels; where text is outside of any window
_NO_TEXT = frozenset(
    {"style", "title", "script", "head", "xml", "template", "noscript", "select", "textarea", "datalist"}
)
_NO_GROUND = {"", "none", "transparent", "inherit", "initial", "unset"}
_ANIMATIONS = ("animation", "animation-name", "-webkit-animation", "-webkit-animation-name")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}


@dataclass
class _Look:
    """How text looks at a place of the document."""

    gone: bool = False
    invisible: bool = False
    is_dead: bool = False  # to the mouse
    size: float = 16.0
    color: Any = None  # None is the reader's own
    ground: Any = field(default_factory=lambda: parse_color("white"))
    custom: dict[str, str] = field(default_factory=dict)  # custom properties

    @property
    def is_seen(self) -> bool:
        return not (self.gone or self.invisible or self.size < _SMALLEST or _is_lost(self.color, self.ground))


class Rendered:
    """A rendered message. Ask what a reader sees of it."""

    def __init__(self, html: str, *, is_dark: bool = False):
        """`is_dark`: as mail programs show it that are dark, and follow what the message says about that."""
        spend()
        self.root = document_fromstring(f"<body>{html}")
        self._rules, self._frames = rules_of("\n".join(node.text or "" for node in self.root.iter("style")))
        self._fitting: dict[HtmlElement, list[Rule]] = {}
        dark = {name for rule in self._rules for name in rule.conditions if is_about_the_dark(name)}
        self._holding: frozenset[str] = frozenset(dark if is_dark else ())
        self._looks: dict[HtmlElement, _Look] = {}

    def views(self, *marks: str) -> Iterator[Rendered]:
        """The message as readers may see it whose programs fulfil one or the other condition of its style sheets: as
        far as that is something to the texts and links with one of these marks."""
        chains = {
            one for place in self._places(marks) for node in (place, *place.iterdescendants()) for one in _up(node)
        }
        rules = [rule for node in chains if isinstance(node.tag, str) for rule in self._rules_of(node)]
        named = [rule for _node, loud, _itself in self._suspects for rule in loud]
        names = {name for rule in [*rules, *named] for name in rule.conditions}
        for holding in together(sorted(names)):
            spend()
            view = copy.copy(self)
            view._holding, view._looks = self._holding | holding, {}
            yield view

    def is_covered(self, *marks: str) -> bool:
        """Whether something may lie over the texts and links with these marks."""
        above = {one for place in self._places(marks) for one in _up(place)}
        return any(self._covers(node, named, above, itself=itself) for node, named, itself in self._suspects)

    def _places(self, marks: tuple[str, ...]) -> list[HtmlElement]:
        """The elements with one of these parts in their text or address."""
        places = [node for node, text in self.texts(self.root) if any(mark in text.lower() for mark in marks)]
        links = self.root.iter("a", "area")
        return places + [one for one in links if any(mark in (one.get("href") or "") for mark in marks)]

    def _covers(self, node: HtmlElement, named: list[Rule], above: set[HtmlElement], *, itself: bool) -> bool:
        rules = [rule for rule in named if rule.conditions <= self._holding]
        chain = list(_up(node))
        if not (rules or itself) or any(self._style(one).get("display") == "none" for one in chain):
            return False
        custom, style = self._look(node).custom, self._resolved(self._style(node), self._look(node).custom)
        is_held = self._is_held(node, above)
        for rule in rules:
            within = style.get("position", "static") != "static" and node not in above
            drawn = self._resolved(plain(rule.declarations), custom)
            if rule.selector.is_generated and is_covering(drawn, is_held=within or is_held):
                return True
        if not itself and all(rule.selector.is_generated for rule in rules):
            return False
        return node not in above and is_covering(style, is_held=is_held)

    def _is_held(self, node: HtmlElement, above: set[HtmlElement]) -> bool:
        """Whether an element of a place of its own around this one has nothing of what may be covered."""
        for outer in node.iterancestors():
            if self._style(outer).get("position", "static") != "static":
                return outer not in above
        return False

    @cached_property
    def _loud(self) -> list[Rule]:
        """The rules that may lay something over the message."""
        return [rule for rule in self._rules if is_loud(rule.declarations)]

    @cached_property
    def _suspects(self) -> list[tuple[HtmlElement, list[Rule], bool]]:
        """(element, loud rules that name it, whether its own style is one) for each that may lie over others."""
        every = (
            (node, [rule for rule in self._loud if rule.selector.fits(node)], is_loud_itself(node.get("style", "")))
            for node in self.root.iter(etree.Element)
        )
        return [suspect for suspect in every if suspect[1] or suspect[2]]

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
            text.strip("\xa0\u200b\u200c\u200d\ufeff \t\r\n")
            and self._look(node).is_seen
            and not self._look(node).is_dead
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
        custom = above.custom | {name: value for name, value in style.items() if name.startswith("--")}
        style = self._resolved(style, custom)
        look = self._looking(above, node, style)
        moving = " ".join(style.get(name, "") for name in _ANIMATIONS)
        for frame in self._frames_of(moving):
            there = self._looking(above, node, self._resolved(style | frame, custom))
            look.gone = look.gone or (look.is_seen and not there.is_seen)
        look.custom = custom
        return look

    def _looking(self, above: _Look, node: HtmlElement, style: dict[str, str]) -> _Look:
        shown, mouse = style.get("visibility"), style.get("pointer-events")
        hidden = node.get("hidden") is not None and "display" not in style
        return _Look(
            gone=above.gone or node.tag in _NO_TEXT or hidden or _is_gone(style) or is_hiding(style),
            invisible=above.invisible if shown is None else shown in ("hidden", "collapse"),
            is_dead=above.is_dead if mouse is None else mouse == "none",
            size=_size(style, above.size),
            color=_color(style, node, above),
            ground=_ground(style, above),
        )

    def _frames_of(self, moving: str) -> Iterable[dict[str, str]]:
        words = set(moving.replace(",", " ").split()) if moving.strip() else set()
        return (frame for name, frame in self._frames if name in words)

    def _resolved(self, style: dict[str, str], custom: dict[str, str]) -> dict[str, str]:
        """The style with the values of custom properties in place of `var()`."""
        return {name: filled_in(value, custom) if "var(" in value else value for name, value in style.items()}

    def _rules_of(self, node: HtmlElement) -> list[Rule]:
        found = self._fitting.get(node)
        if found is None:
            spend()
            rules = (rule for rule in self._rules if not rule.selector.is_generated)
            found = self._fitting[node] = [rule for rule in rules if rule.selector.fits(node)]
        return found

    def _style(self, node: HtmlElement) -> dict[str, str]:
        style = {"background-color": node.get("bgcolor", "")} if node.get("bgcolor") else {}
        if node.get("background"):
            style["background-image"] = "url()"
        if node.tag == "font" and node.get("color"):
            style["color"] = node.get("color", "")
        important: dict[str, str] = {}
        for rule in self._rules_of(node):
            if rule.conditions <= self._holding:
                _apply(rule.declarations, style, important)
        _apply(declarations_of(tinycss2.parse_blocks_contents(node.get("style", ""))), style, important)
        return style | important


def _apply(declarations: dict[str, str], style: dict[str, str], important: dict[str, str]) -> None:
    for name, value in declarations.items():
        if value.endswith("!"):
            important[name] = value[:-1]
        else:
            style[name] = value


def _is_gone(style: dict[str, str]) -> bool:
    """Whether the element and all in it is not there for the eye."""
    opacity = _share(style.get("opacity", ""))
    if style.get("display") == "none" or (opacity is not None and opacity < 0.3):
        return True
    if re.search(r"\bscale[xy]?\(0\)", style.get("transform", "")):
        return True
    overflow = " ".join(style.get(name, "") for name in ("overflow", "overflow-x", "overflow-y"))
    cut = "hidden" in overflow or "clip" in overflow
    if cut and any(_is_low(style.get(name, "")) for name in ("height", "max-height", "width", "max-width")):
        return True
    places = ["text-indent"] + (["left", "top"] if style.get("position") in ("absolute", "fixed") else [])
    return any((_pixels(style.get(name, ""), 16) or 0) < _FAR for name in places)


def _is_low(length: str) -> bool:
    """Whether a box of this height or width shows less than a line of text."""
    pixels = _pixels(length, 16)
    return length == "0%" or (pixels is not None and pixels < 6)


def _size(style: dict[str, str], above: float) -> float:
    size = _pixels(style.get("font-size", ""), above)
    if size is None and _FONT_OF_ZERO.match(style.get("font", "")):
        return 0
    return above if size is None else size


def _color(style: dict[str, str], node: HtmlElement, above: _Look) -> Any:
    color = _solid(style.get("-webkit-text-fill-color", "") or style.get("color", ""))
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


def _share(text: str) -> float | None:
    """A number, or a percentage; nothing for a word, 0 for what has to be computed."""
    if "(" in text:
        return 0
    percents = _number(text.removesuffix("%"))
    return percents / 100 if percents is not None and text.endswith("%") else percents


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


def _up(node: HtmlElement) -> Iterator[HtmlElement]:
    return itertools.chain((node,), node.iterancestors())
