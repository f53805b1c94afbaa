"""The colours of a website, guessed from its stylesheets: those that it names so, else those that it uses most."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from templates_app.brand import colours

MAX_CSS = 600_000  # characters
COLOURED = 0.18  # saturation from which a colour is not a grey
NAMED_WEIGHT = 40
_USE = re.compile(
    r"(?<![-\w])([\w-]{1,60})\s{0,4}:\s{0,4}[^;{}#]{0,60}(#[0-9a-f]{6}|#[0-9a-f]{3})(?![0-9a-f])", re.IGNORECASE
)
_RGB = re.compile(r"rgba?\(\s{0,4}(\d{1,3})[\s,]{1,4}(\d{1,3})[\s,]{1,4}(\d{1,3})\s{0,4}\)", re.IGNORECASE)
_NAMED = re.compile(r"primary|brand|accent|main|theme", re.IGNORECASE)
_BODY = re.compile(r"(?<![\w.#-])body(?![\w-])[^{}]{0,200}\{([^{}]{0,2000})\}", re.IGNORECASE)
_COLOUR = re.compile(r"(?<![-\w])color\s{0,4}:\s{0,4}(#[0-9a-f]{6}|#[0-9a-f]{3})(?![0-9a-f])", re.IGNORECASE)


@dataclass(frozen=True)
class Palette:
    """Colours as "#rrggbb"; empty where none was found."""

    main: str = ""
    second: str = ""
    text: str = ""


def of(css: str, theme: str) -> Palette:
    """`theme`: the colour that the page gives to browsers. It wins if it is not a grey."""
    css = _RGB.sub(_as_hex, css[:MAX_CSS])
    weights: Counter[str] = Counter()
    for found in _USE.finditer(css):
        colour = colours.read(found[2])
        if colour and colours.saturation(colour) >= COLOURED:
            weights[colour] += NAMED_WEIGHT if found[1].startswith("--") and _NAMED.search(found[1]) else 1
    themed = colours.read(theme)
    if themed and colours.saturation(themed) >= COLOURED:
        weights[themed] += 10 * NAMED_WEIGHT
    used = [colour for colour, _weight in weights.most_common(20)]
    main = used[0] if used else ""
    second = next((colour for colour in used[1:] if _differs(colour, main)), "")
    return Palette(main, second, _text(css))


def _text(css: str) -> str:
    """The colour of the body's words, where they can be read on white."""
    for rule in _BODY.finditer(css):
        if found := _COLOUR.search(rule[1]):
            colour = colours.read(found[1])
            if colours.contrast(colour, colours.WHITE) >= colours.READABLE:
                return colour
    return ""


def _differs(one: str, other: str) -> bool:
    """Whether nobody would take one for the other."""
    parts = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return sum(abs(first - second) for first, second in parts) > 90


def _as_hex(found: re.Match[str]) -> str:
    return "#" + "".join(f"{min(255, int(part)):02x}" for part in found.groups())
