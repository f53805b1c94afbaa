"""The names of languages in the reader's language, from the Unicode CLDR (as Babel brings it)."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale
from django.utils import translation

from contacts.fields.values import fold


def is_code(text: str) -> bool:
    """Whether a contact may have this code: two letters (ISO 639-1), and no more."""
    return re.fullmatch("[a-z]{2}", text) is not None


def name(code: str) -> str:
    """The language's name, such as "German"; the code itself where it has none."""
    return _names(translation.get_language() or "en").get(code, code)


def search(query: str) -> list[tuple[str, str]]:
    """(code, name) of the languages whose code is this text, or whose name contains it, without regard to case and
    accents; those whose name begins with it come first. A code without a name is found, too."""
    word = fold(query)
    names = _names(translation.get_language() or "en")
    found = [(code, text) for code, text in names.items() if code == word or word in fold(text)]
    if is_code(word) and word not in names:
        found.append((word, word))
    return sorted(found, key=lambda one: (one[0] != word, not fold(one[1]).startswith(word), fold(one[1])))


@lru_cache(maxsize=20)
def _names(language: str) -> dict[str, str]:
    names = Locale.parse(language, sep="-").languages
    return {code: text[:1].upper() + text[1:] for code, text in names.items() if is_code(code)}
