"""Reads full names and languages as they are written in files."""

from __future__ import annotations

import re
from functools import lru_cache

from contacts.fields.values import fold

LANGUAGES = {
    "english": "en", "anglais": "en", "french": "fr", "francais": "fr", "german": "de", "allemand": "de",
    "deutsch": "de", "spanish": "es", "espagnol": "es", "espanol": "es", "italian": "it", "italien": "it",
    "italiano": "it", "dutch": "nl", "neerlandais": "nl", "nederlands": "nl",
    "portuguese": "pt", "portugais": "pt", "portugues": "pt",
}  # fmt: skip


def split_name(name: str) -> tuple[str, str]:
    """(first name, last name): "Dupont, Marie", "DUPONT Marie" and "Marie Dupont" all have the first name Marie."""
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
    """The code of a language: fr for "Français", "fr-FR" and "FR"; None if it is no language."""
    word = fold(text)
    if word in LANGUAGES:
        return LANGUAGES[word]
    found = re.fullmatch(r"([a-z]{2})(?:[-_][a-z]{2,4})?", word)
    return found[1] if found else None
