"""Designs: messages made of blocks to start from, in templates_app/gallery/<language>/<slug>.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from templates_app.blocks import documents
from templates_app.blocks.documents import Block, Document

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GALLERY = Path(__file__).parent / "gallery"
LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Design:
    slug: str
    category: str
    name: StrOrPromise
    purpose: StrOrPromise

    def document(self, language: str) -> Document:
        """The design in a language, or in English if there is none in that language. Its blocks have ids of their own
        each time."""
        shown = self.shown(language)
        return Document(tuple(Block(block.type, block.props) for block in shown), shown.language)

    def shown(self, language: str) -> Document:
        """As `document`, for a page that only shows it."""
        return _read(language if language in LANGUAGES else "en", self.slug)


@cache
def _read(language: str, slug: str) -> Document:
    stored = json.loads((GALLERY / language / f"{slug}.json").read_text())
    return documents.read({**stored, "language": language})


CATEGORIES = [
    ("welcome", _("Welcome")),
    ("newsletter", _("Newsletter")),
    ("promotion", _("Promotion")),
    ("product", _("Products")),
    ("event", _("Event")),
    ("season", _("Season")),
    ("order", _("Order and account")),
    ("again", _("Staying in touch")),
    ("opinion", _("Opinion")),
    ("letter", _("Letter")),
]

DESIGNS = [
    Design("welcome", "welcome", _("Welcome"), _("What new subscribers can expect")),
    Design("welcome-code", "welcome", _("Welcome with a code"), _("A thank-you for signing up")),
    Design("monthly-letter", "newsletter", _("Monthly letter"), _("Three short stories, each with a link")),
    Design("short-news", "newsletter", _("News in short"), _("Four pieces of news in two columns")),
    Design("offer", "promotion", _("Offer with a code"), _("One offer, one code, one end")),
    Design("last-days", "promotion", _("Last days"), _("What is left before a sale ends")),
    Design("new-product", "product", _("New product"), _("One product and three reasons")),
    Design("selection", "product", _("Selection"), _("Six products, two in a row")),
    Design("invitation", "event", _("Invitation"), _("When, where and how to come")),
    Design("season", "season", _("End of the year"), _("Wishes, last dates, opening hours")),
    Design("thank-you", "order", _("Thank you for your order"), _("How to make it last")),
    Design("we-miss-you", "again", _("Shall we stay in touch?"), _("For those who no longer read")),
    Design("opinion", "opinion", _("How did we do?"), _("Three answers, one press")),
    Design("letter", "letter", _("Simple letter"), _("Words only, as to one person")),
]


def find(slug: str) -> Design | None:
    return next((design for design in DESIGNS if design.slug == slug), None)


def by_category() -> list[tuple[StrOrPromise, list[Design]]]:
    """(category, its designs), in the order of the gallery."""
    return [(label, [one for one in DESIGNS if one.category == slug]) for slug, label in CATEGORIES]
