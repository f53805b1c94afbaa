"""Styles by which an element, or what is behind it, is not there for the eye. What can't be judged counts as that."""

from __future__ import annotations

import re
from collections.abc import Mapping

Style = Mapping[str, str]

_FAR = 400  # pixels; further away is outside of any window
_HARMLESS = frozenset({"", "none", "normal", "auto", "initial", "unset", "inherit", "revert"})
_LENGTH = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(px|pt|em|rem|in|cm|mm|vw|vh|vmin|vmax|%)?(?![\w.])")
_FUNCTION = re.compile(r"([\w-]+)\(([^()]*)\)")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_WINDOW = 10.0  # pixels of a small window for each percent
_MARGINS = ("margin", "margin-left", "margin-right", "margin-top", "margin-bottom", "margin-block", "margin-inline")
_SIDES = ("left", "top", "right", "bottom", "inset")
_QUIET_FILTERS = frozenset({"grayscale", "sepia", "hue-rotate", "saturate", "drop-shadow", "invert"})
_SHADOWS = ("box-shadow", "outline", "outline-width", "outline-offset", "border-width")
#: Properties that may put an element over others; the others need no second look.
LOUD = frozenset({"position", "transform", "translate", "scale", "zoom", *_MARGINS, *_SHADOWS})


def lengths(text: str) -> list[float]:
    """All lengths of a value, in pixels; a percent is one of a small window."""
    return [float(number) * _PIXELS.get(unit, _WINDOW) for number, unit in _LENGTH.findall(text)]


def is_hiding(style: Style) -> bool:
    """Whether nothing in an element with this style can be seen."""
    if any(style.get(name, "") not in _HARMLESS for name in ("clip-path", "-webkit-clip-path", "mask", "-webkit-mask")):
        return True
    if style.get("content-visibility") == "hidden" or style.get("mix-blend-mode", "") not in _HARMLESS:
        return True
    if "url(" in style.get("content", ""):
        return True
    filters = (style.get(name, "") for name in ("filter", "-webkit-filter"))
    if any(_fades(name, content) for value in filters for name, content in _FUNCTION.findall(value)):
        return True
    return _is_shrunk(style) or _is_away(style)


def _fades(name: str, content: str) -> bool:
    number = next((float(found[0]) / (100 if found[1] == "%" else 1) for found in _LENGTH.findall(content)), 0.0)
    least_and_most = {"opacity": (0.3, 9e9), "brightness": (0.5, 2), "contrast": (0.5, 3), "blur": (0, 1.5)}
    least, most = least_and_most.get(name, (0, 9e9) if name in _QUIET_FILTERS else (1, 0))
    return not least <= number <= most


def _is_shrunk(style: Style) -> bool:
    zoom = style.get("zoom", "")
    if zoom not in _HARMLESS and not (_factor(zoom) >= 0.3):
        return True
    if any(_is_small(name, content) for name, content in _FUNCTION.findall(style.get("transform", ""))):
        return True
    scale = style.get("scale", "")
    return scale not in _HARMLESS and any(abs(number) < 0.3 for number in _numbers(scale))


def _is_small(name: str, content: str) -> bool:
    if name.startswith("scale"):
        return any(abs(number) < 0.3 for number in _numbers(content))
    return name.startswith(("matrix", "perspective", "skew", "rotate3d", "rotatex", "rotatey"))


def _factor(text: str) -> float:
    found = _LENGTH.fullmatch(text)
    return float(found[1]) / (100 if found[2] == "%" else 1) if found else 0.0


def _numbers(text: str) -> list[float]:
    return [float(number) / (100 if unit == "%" else 1) for number, unit in _LENGTH.findall(text)]


def _is_away(style: Style) -> bool:
    if any(length < -_FAR for name in _MARGINS for length in lengths(style.get(name, ""))):
        return True
    if any(length < -3 for length in lengths(style.get("letter-spacing", ""))):
        return True
    if any(length < -200 or length > 1000 for length in lengths(style.get("text-indent", ""))):
        return True
    if _moved(style) > _FAR:
        return True
    return style.get("position", "static") != "static" and _is_displaced(style)


def _is_displaced(style: Style) -> bool:
    if style.get("clip", "") not in _HARMLESS or style.get("z-index", "").startswith("-"):
        return True
    return any(abs(length) > _FAR for name in _SIDES for length in lengths(style.get(name, "")))


def _moved(style: Style) -> float:
    moves = [content for name, content in _FUNCTION.findall(style.get("transform", "")) if name.startswith("translate")]
    return max((abs(length) for value in [*moves, style.get("translate", "")] for length in lengths(value)), default=0)


def is_covering(style: Style, *, is_held: bool) -> bool:
    """Whether an element with this style may lie over what stands elsewhere. `is_held`: within an element that keeps
    its place, and has nothing to do with what may be covered."""
    if style.get("display") == "none":
        return False
    if any(length < -150 for name in _MARGINS for length in lengths(style.get(name, ""))):
        return not _is_off_left(style)
    if any(length > 300 for name in _SHADOWS for length in lengths(style.get(name, ""))):
        return True
    scales = [content for name, content in _FUNCTION.findall(style.get("transform", "")) if name.startswith("scale")]
    if any(
        number > 3 for value in [*scales, style.get("scale", ""), style.get("zoom", "")] for number in _numbers(value)
    ):
        return True
    return _is_placed_over(style, is_held=is_held)


def _is_placed_over(style: Style, *, is_held: bool) -> bool:
    position = style.get("position", "")
    if position in ("fixed", "sticky", "-webkit-sticky") or "(" in position:
        return not _is_off_left(style)
    if position == "relative":
        return any(abs(length) > 150 for name in ("top", "bottom") for length in lengths(style.get(name, "")))
    return position == "absolute" and not is_held and _is_large(style) and not _is_off_left(style)


def _is_off_left(style: Style) -> bool:
    """The usual way to hide the line that mailboxes show beside the subject."""
    if any(
        length >= 300 for name in ("width", "min-width", "padding", "border") for length in lengths(style.get(name, ""))
    ):
        return False
    return any(length < -_FAR for name in ("left", "top", "margin-left") for length in lengths(style.get(name, "")))


def _is_large(style: Style) -> bool:
    sizes = ("width", "height", "min-width", "min-height", "padding", "padding-top", "padding-bottom", "font-size")
    if any(length >= 300 for name in sizes for length in lengths(style.get(name, ""))):
        return True
    return "inset" in style or {"top", "bottom"} <= set(style) or {"left", "right"} <= set(style)
