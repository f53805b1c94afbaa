"""All programs whose exports are known."""

from __future__ import annotations

from functools import lru_cache

from contacts.imports.headings import fold
from contacts.imports.programs import (
    brevo,
    google_contacts,
    hubspot,
    keila,
    klaviyo,
    listmonk,
    mailchimp,
    mailerlite,
    mautic,
    shopify,
    woocommerce,
    wordpress,
)
from contacts.imports.programs.program import Program

PROGRAMS = (
    brevo.PROGRAM,
    google_contacts.PROGRAM,
    hubspot.PROGRAM,
    keila.PROGRAM,
    klaviyo.PROGRAM,
    listmonk.PROGRAM,
    mailchimp.PROGRAM,
    mailerlite.PROGRAM,
    mautic.PROGRAM,
    shopify.PROGRAM,
    woocommerce.PROGRAM,
    wordpress.PROGRAM,
)


@lru_cache(maxsize=8)  # a page asks for each of its columns
def recognise(headings: tuple[str, ...]) -> Program | None:
    """The program that wrote a file with these headings: of several, the one with the most signs."""
    folded = frozenset(map(fold, headings))
    best = max(PROGRAMS, key=lambda program: program.score(folded))
    return best if best.score(folded) else None
