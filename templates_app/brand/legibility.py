"""Whether what a brand's colours are used for can be read: each colour on the pair where its contrast is least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from templates_app.brand import colours
from templates_app.brand.colours import READABLE, WHITE

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from templates_app.models import Brand

ON_BUTTONS = _("words on buttons")
LINKS_ON_WHITE = _("links on white")
LINKS_ON_TINT = _("links on the tint")
WORDS_ON_IT = _("words on it")
TEXT_ON_IT = _("text on it")
ON_WHITE = _("on white")
ON_TINT = _("on the tint")

#: (what is read, the other colour) for each use of a colour.
Pairs = list[tuple["StrOrPromise", str]]


@dataclass(frozen=True)
class Legibility:
    """`ratio` is the least contrast that the colour has where it is used, `place` says where. `better` is the nearest
    colour that can be read everywhere; empty where this one can, or where none can."""

    ratio: float
    place: StrOrPromise
    better: str = ""
    better_ratio: float = 0.0

    @property
    def passes(self) -> bool:
        return self.ratio >= READABLE


def _main(brand: Brand) -> Pairs:
    return [
        (ON_BUTTONS, colours.words_on(brand.main, brand.text)),
        (LINKS_ON_WHITE, WHITE),
        (LINKS_ON_TINT, brand.tint),
    ]


def _second(brand: Brand) -> Pairs:
    return [(WORDS_ON_IT, colours.words_on(brand.second, brand.text))]


def _tint(brand: Brand) -> Pairs:
    return [(TEXT_ON_IT, brand.text)]


def _words(brand: Brand) -> Pairs:
    return [(ON_WHITE, WHITE), (ON_TINT, brand.tint)]


#: The colours that words have or stand on. Nothing stands on the one around the message.
USES: dict[str, Callable[[Brand], Pairs]] = {
    "main": _main,
    "second": _second,
    "tint": _tint,
    "text": _words,
    "quiet": _words,
}


def of(brand: Brand) -> dict[str, Legibility]:
    """By the name of the brand's field."""
    return {name: _legibility(getattr(brand, name), uses(brand)) for name, uses in USES.items()}


def _legibility(colour: str, pairs: Pairs) -> Legibility:
    ratio, place = min(((colours.contrast(colour, other), place) for place, other in pairs), key=lambda pair: pair[0])
    if ratio >= READABLE:
        return Legibility(ratio, place)
    # The words on buttons follow the colour: what can be read as a link on white has white words.
    others = [other for place, other in pairs if place is not ON_BUTTONS]
    better = colours.nearest(colour, others)
    better_ratio = colours.least(better, others)
    if better_ratio < READABLE:
        return Legibility(ratio, place)
    return Legibility(ratio, place, better, better_ratio)
