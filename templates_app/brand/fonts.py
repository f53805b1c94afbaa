"""The fonts of a brand: stacks of what mail programs have without loading anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Font:
    """`stack` is the value of CSS's font-family; without double quotes, which end an attribute in a message."""

    label: StrOrPromise
    stack: str


SYSTEM = "system"
FONTS = {
    SYSTEM: Font(_("Reader's own"), "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"),
    "arial": Font("Arial", "Arial, Helvetica, sans-serif"),
    "verdana": Font("Verdana", "Verdana, Geneva, sans-serif"),
    "tahoma": Font("Tahoma", "Tahoma, Verdana, Geneva, sans-serif"),
    "trebuchet": Font("Trebuchet MS", "'Trebuchet MS', Tahoma, Arial, sans-serif"),
    "georgia": Font("Georgia", "Georgia, 'Times New Roman', serif"),
    "palatino": Font("Palatino", "'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, serif"),
    "times": Font("Times New Roman", "'Times New Roman', Times, serif"),
    "courier": Font("Courier New", "'Courier New', Courier, monospace"),
}
CHOICES = [(slug, font.label) for slug, font in FONTS.items()]


def stack(slug: str) -> str:
    """The stack of a font; of one that is not known, the reader's own."""
    return FONTS.get(slug, FONTS[SYSTEM]).stack
