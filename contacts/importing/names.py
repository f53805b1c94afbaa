"""Names, languages and addresses as files have them."""

from __future__ import annotations

import re
from functools import lru_cache

from disposable_email_domains import blocklist

from contacts.values import fold

# Addresses of an office rather than a person: nobody in particular agreed (RFC 2142, and what is usual in French).
_ROLES = """
info infos information contact contacts hello bonjour sales vente ventes commercial commerciale marketing support help
aide admin administration administrator webmaster postmaster hostmaster abuse noreply no-reply office bureau accueil
reception secretariat direction compta comptabilite accounting billing facturation invoice factures jobs recrutement rh
hr press presse mail email team equipe service services sav orders commandes booking reservation reservations shop
boutique news newsletter root security privacy rgpd gdpr dpo
"""
ROLES = frozenset(_ROLES.split())
LANGUAGES = {
    "english": "en", "anglais": "en", "french": "fr", "francais": "fr", "german": "de", "allemand": "de",
    "deutsch": "de", "spanish": "es", "espagnol": "es", "espanol": "es", "italian": "it", "italien": "it",
    "italiano": "it", "dutch": "nl", "neerlandais": "nl", "nederlands": "nl",
    "portuguese": "pt", "portugais": "pt", "portugues": "pt",
}  # fmt: skip


def address_kind(email: str) -> str:
    """A value of Contact.AddressKind for a stored address."""
    local, _, domain = email.partition("@")
    if local in ROLES:
        return "role"
    return "disposable" if domain in blocklist else ""


def split_name(name: str) -> tuple[str, str]:
    """(first, last) of a full name: "Dupont, Marie", "DUPONT Marie" and "Marie Dupont" are all Marie."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip(), last.strip()
    words = name.split()
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    return (words[0], " ".join(words[1:])) if words else ("", "")


@lru_cache(1000)
def language_code(text: str) -> str | None:
    """The code of a language: "Français", "fr-FR" and "FR" are fr; None where it is none."""
    word = fold(text)
    if word in LANGUAGES:
        return LANGUAGES[word]
    found = re.fullmatch(r"([a-z]{2})(?:[-_][a-z]{2,4})?", word)
    return found[1] if found else None
