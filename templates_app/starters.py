"""Starter designs: complete messages to start from, in templates_app/gallery/<language>/."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GALLERY = Path(__file__).parent / "gallery"


@dataclass(frozen=True)
class Starter:
    slug: str
    name: StrOrPromise
    purpose: StrOrPromise
    category: str = ""  # a key of templates_app.designs.CATEGORIES

    @property
    def html(self) -> str:
        """The design in the reader's language, or in English if there is none in that language."""
        language = (get_language() or "en").split("-")[0]
        return self.in_language(language if (GALLERY / language).is_dir() else "en")

    def in_language(self, language: str) -> str:
        return _read(language, self.slug)


@cache
def _read(language: str, slug: str) -> str:
    return (GALLERY / language / f"{slug}.html").read_text()


NEWSLETTER = Starter("newsletter", _("Newsletter"), _("Several short stories, each with a link"), "newsletter")
LETTER = Starter("letter", _("Letter"), _("A simple letter without layout"), "letter")
STARTERS = [
    NEWSLETTER,
    Starter("announcement", _("Announcement"), _("One message and one button")),
    LETTER,
]


def find(slug: str) -> Starter | None:
    return next((starter for starter in STARTERS if starter.slug == slug), None)
