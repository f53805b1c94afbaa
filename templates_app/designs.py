"""Designs: messages made of blocks to start from, in templates_app/gallery/<language>/<slug>.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from templates_app import example_pictures
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

    @property
    def category_label(self) -> StrOrPromise:
        return dict(CATEGORIES)[self.category]

    def document(self, language: str) -> Document:
        """The design in a language, or in English if there is none in that language. Its blocks have ids of their own
        each time; its pictures are the names of example pictures."""
        stored = _read(language if language in LANGUAGES else "en", self.slug)
        return Document(tuple(Block(block.type, block.props) for block in stored), stored.language)

    def shown(self, language: str) -> Document:
        """The same with pictures that our own pages show."""
        return example_pictures.with_addresses(self.document(language), example_pictures.shipped)


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
    Design("first-steps", "welcome", _("First steps"), _("Three things to do in the first week")),
    Design("our-story", "welcome", _("Our story"), _("Who writes here, and why")),
    Design("monthly-letter", "newsletter", _("Monthly letter"), _("Three short stories, each with a link")),
    Design("short-news", "newsletter", _("News in short"), _("Four pieces of news in two columns")),
    Design("magazine", "newsletter", _("Magazine"), _("One long story and two short ones")),
    Design("reading-list", "newsletter", _("Reading list"), _("Five links, each with a line")),
    Design("behind-the-scenes", "newsletter", _("Behind the scenes"), _("What is being tried out")),
    Design("offer", "promotion", _("Offer with a code"), _("One offer, one code, one end")),
    Design("last-days", "promotion", _("Last days"), _("What is left before a sale ends")),
    Design("gift-guide", "promotion", _("Gift guide"), _("Six presents by what they cost")),
    Design("early-access", "promotion", _("Early access"), _("For readers only, for a day")),
    Design("free-delivery", "promotion", _("Free delivery"), _("No code, until an end")),
    Design("new-product", "product", _("New product"), _("One product and three reasons")),
    Design("selection", "product", _("Selection"), _("Six products, two in a row")),
    Design("back-in-stock", "product", _("Back in stock"), _("One product that was missed")),
    Design("new-collection", "product", _("New collection"), _("A mood, four pieces and the shop")),
    Design("how-to", "product", _("How to make it last"), _("Advice for what was bought")),
    Design("invitation", "event", _("Invitation"), _("When, where and how to come")),
    Design("save-the-date", "event", _("Save the date"), _("An evening, announced early")),
    Design("online-event", "event", _("Online event"), _("What there is to see, and the link")),
    Design("after-the-event", "event", _("After the event"), _("Thanks, photographs, two questions")),
    Design("spring", "season", _("Spring"), _("What fits the first warm days")),
    Design("summer-hours", "season", _("Summer"), _("Opening hours in August")),
    Design("autumn", "season", _("Autumn"), _("Three things for long evenings")),
    Design("season", "season", _("End of the year"), _("Wishes, last dates, opening hours")),
    Design("new-year", "season", _("New year"), _("Thanks and wishes, nothing to sell")),
    Design("thank-you", "order", _("Thank you for your order"), _("How to make it last")),
    Design("order-care", "order", _("Did all go well?"), _("After delivery: a review, or help")),
    Design("price-change", "order", _("A change of terms"), _("What changes, what doesn’t, and when")),
    Design("we-miss-you", "again", _("Shall we stay in touch?"), _("For those who no longer read")),
    Design("come-back", "again", _("Come back"), _("A present for those who left")),
    Design("opinion", "opinion", _("How did we do?"), _("Three answers, one press")),
    Design("review", "opinion", _("Write a review"), _("One product, one request")),
    Design("survey", "opinion", _("Survey"), _("Three pictures, one vote")),
    Design("letter", "letter", _("Simple letter"), _("Words only, as to one person")),
    Design("from-the-founder", "letter", _("From the founder"), _("A picture and a personal letter")),
    Design("apology", "letter", _("Apology"), _("What went wrong, and what you do about it")),
]


def find(slug: str) -> Design | None:
    return next((design for design in DESIGNS if design.slug == slug), None)


def of_category(slug: str) -> list[Design]:
    """The designs of a category, or all where there is no such category."""
    return [design for design in DESIGNS if design.category == slug] or DESIGNS


def neighbours(design: Design, listed: list[Design]) -> tuple[Design, Design]:
    """The designs before and after one, round and round. Of one that isn't listed: the last and the first."""
    at = listed.index(design) if design in listed else -1
    return listed[at - 1], listed[(at + 1) % len(listed)]
