"""Colours as "#rrggbb": how well words can be read on them (WCAG 2.2, 1.4.3), and near ones that pass."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable

READABLE = 4.5  # contrast of words, WCAG 2.2 AA
SHAPE = 3.0  # contrast of what is no word, such as a button's face (1.4.11)
WHITE, BLACK = "#ffffff", "#000000"
_COLOUR = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS = 256


def read(text: str) -> str:
    """The colour of "#a8492a", "A8492A" or "#abc"; empty for what is none."""
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return ""
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def least(colour: str, others: Iterable[str]) -> float:
    """The contrast of a colour with the one that it is nearest to."""
    return min(contrast(colour, other) for other in others)


def words_on(colour: str, ink: str = BLACK) -> str:
    """The colour for words on this one: white where it can be read, else the ink; white or black where neither can."""
    for words in (WHITE, ink):
        if contrast(words, colour) >= READABLE:
            return words
    return max((WHITE, BLACK), key=lambda words: contrast(words, colour))


def nearest(colour: str, others: Iterable[str], ratio: float = READABLE) -> str:
    """The colour, made darker or lighter as little as needed to have this contrast with each of the others. Where none
    has it, the one of its shades with the most."""
    others = tuple(others)
    if least(colour, others) >= ratio:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    shades = [(step / (_STEPS - 1), _shade(hue, step / (_STEPS - 1), saturation)) for step in range(_STEPS)]
    passing = [(abs(light - lightness), shade) for light, shade in shades if least(shade, others) >= ratio]
    if passing:
        return min(passing)[1]
    return max((shade for _light, shade in shades), key=lambda shade: least(shade, others))


def mixed(one: str, other: str, share: float) -> str:
    """`share` of the other colour in the first, from 0 to 1."""
    parts = zip(_parts(one), _parts(other), strict=True)
    return _written(first + (second - first) * share for first, second in parts)


def saturation(colour: str) -> float:
    """How far a colour is from grey, from 0 to 1."""
    parts = _parts(colour)
    return max(parts) - min(parts)


def luminance(colour: str) -> float:
    """How light it is, from 0 to 1 (WCAG's relative luminance)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shade(hue: float, lightness: float, saturation: float) -> str:
    return _written(colorsys.hls_to_rgb(hue, lightness, saturation))


def _parts(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _written(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(min(1, max(0, part)) * 255):02x}" for part in parts)
