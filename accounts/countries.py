"""Names of countries in the reader's language (Unicode CLDR, through Babel)."""

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale
from django.utils.translation import get_language

# Two-letter codes in CLDR that are no countries: the European Union, the eurozone, the United Nations, ...
_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    territories: Mapping[str, str] = Locale(language).territories
    codes = (code for code in territories if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES)
    return sorted(((code, territories[code]) for code in codes), key=lambda pair: _without_accents(pair[1]))


def _without_accents(name: str) -> str:
    """The name as dictionaries sort it: “Éthiopie” and “Îles Féroé” stand at E and I, and not behind Z."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()


def choices() -> list[tuple[str, str]]:
    """(ISO 3166 code, name) of every country, sorted by name."""
    return _countries((get_language() or "en")[:2])


def name(code: str) -> str:
    """The country's name, or the code itself if it is unknown."""
    return dict(choices()).get(code, code)
