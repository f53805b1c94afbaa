"""Reads the manual. docs/manual has a folder for each language with the same file names in it, and the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from manual import markdown

FOLDER: Path = settings.MANUAL_FOLDER
INDEX = "index"
FALLBACK = "en"


@dataclass(frozen=True)
class Page:
    slug: str
    title: str
    html: SafeString


@cache
def slugs() -> frozenset[str]:
    return frozenset(path.stem for path in (FOLDER / FALLBACK).glob("*.md"))


def find(slug: str) -> Page | None:
    """The page in the reader's language, or in English where that language has none. None for an unknown name."""
    if slug not in slugs():
        return None
    language = (get_language() or FALLBACK).partition("-")[0]
    return _read(language if (FOLDER / language / f"{slug}.md").exists() else FALLBACK, slug)


@cache
def _read(language: str, slug: str) -> Page:
    """Files change only with a deployment, which starts new processes."""
    title, html = markdown.render((FOLDER / language / f"{slug}.md").read_text(encoding="utf-8"))
    return Page(slug, title, html)
