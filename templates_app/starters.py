"""Starter designs: complete messages to begin from, in templates_app/gallery/<language>/."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

GALLERY = Path(__file__).parent / "gallery"


@dataclass(frozen=True)
class Starter:
    slug: str
    name: str
    purpose: str

    @property
    def html(self) -> str:
        """The design in the reader's language; in English where there is none in it."""
        language = (get_language() or "en").split("-")[0]
        return self.in_language(language if (GALLERY / language).is_dir() else "en")

    def in_language(self, language: str) -> str:
        return _read(language, self.slug)


@cache
def _read(language: str, slug: str) -> str:
    return (GALLERY / language / f"{slug}.html").read_text()


STARTERS = [
    Starter("newsletter", _("Newsletter"), _("Several short stories, each with a link")),
    Starter("announcement", _("Announcement"), _("One message and one button")),
    Starter("letter", _("Letter"), _("A simple letter without layout")),
]


def find(slug: str) -> Starter | None:
    return next((starter for starter in STARTERS if starter.slug == slug), None)
