"""Text that can hardly be told from what is behind it, in light and dark mail programs (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from templates_app.checks.finding import LOOK, Finding, passed
from templates_app.checks.message import Message, short
from templates_app.reading.visible import Rendered

CHECK = "contrast"
MOST = 5
ENOUGH, ENOUGH_IF_LARGE = 4.5, 3.0
LARGE, LARGE_IF_BOLD = 24.0, 18.66  # pixels
_BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})


def check(message: Message) -> Iterator[Finding]:
    lowest: list[float] = []
    found = list(_pale(message, message.rendered, _("Hard to read"), lowest))
    if message.in_the_dark is not None:
        found += _pale(message, message.in_the_dark, _("Hard to read in the dark"), lowest)
    by_place = {finding.place.key: finding for finding in reversed(found)}
    yield from list(reversed(by_place.values()))[:MOST]
    if not found:
        title = _("Contrast, light and dark") if message.in_the_dark is not None else _("Contrast")
        figure = _("lowest %(ratio)s : 1") % {"ratio": _written(min(lowest))} if lowest else ""
        yield passed(CHECK, title, figure)


def _pale(message: Message, shown: Rendered, said: str, lowest: list[float]) -> Iterator[Finding]:
    for node, text, size, contrast in shown.shown_texts():
        if contrast is None:
            continue
        lowest.append(contrast)
        if contrast < (ENOUGH_IF_LARGE if _is_large(node, size) else ENOUGH):
            words = short(message.shown(" ".join(text.split())), 40)
            seen = _("Its contrast to the background is %(ratio)s : 1; %(least)s : 1 can be read by most.")
            least = ENOUGH_IF_LARGE if _is_large(node, size) else ENOUGH
            details = {"ratio": _written(contrast), "least": _written(least)}
            yield Finding(CHECK, LOOK, f"{said}: “{words}”", seen % details, message.place(node), pin=said)


def _is_large(node: HtmlElement, size: float) -> bool:
    if size >= LARGE:
        return True
    return size >= LARGE_IF_BOLD and any(one.tag in _BOLD for one in (node, *node.iterancestors()))


def _written(ratio: float) -> str:
    return number_format(int(ratio * 10) / 10, 1)
