"""Names of countries in the reader's language (Unicode CLDR, through Babel)."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from kernel import words

# Two-letter codes in CLDR that are no countries: the European Union, the eurozone, the United Nations, ...
_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@cache
def names_in(language: str) -> dict[str, str]:
    """The names of all countries in a language, by ISO 3166 code."""
    territories: Mapping[str, str] = Locale(language).territories
    codes = (code for code in territories if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES)
    return {code: territories[code] for code in codes}


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    # As dictionaries sort: “Éthiopie” and “Îles Féroé” stand at E and I, and not behind Z.
    return sorted(names_in(language).items(), key=lambda pair: words.fold(pair[1]))


def choices() -> list[tuple[str, str]]:
    """(ISO 3166 code, name) of every country, sorted by name."""
    return _countries((get_language() or "en")[:2])


def name(code: str) -> str:
    """The country's name, or the code itself if it is unknown."""
    return dict(choices()).get(code, code)


def is_name_of(text: str, code: str) -> bool:
    """Whether the text is the country's name in a language of the product."""
    names = (names_in(language).get(code, "") for language, _name in settings.LANGUAGES)
    return words.fold(text) in {words.fold(name) for name in names if name}


def of_browser(accepted: str) -> str:
    """The country of the languages that a browser asks for (RFC 9110, section 12.5.4): FR for "fr-FR, en;q=0.8".
    Empty where it names none."""
    tags = (tag for tag, _weight in parse_accept_lang_header(accepted.lower()))
    codes = (tag.rpartition("-")[2].upper() for tag in tags if "-" in tag)
    return next((code for code in codes if code in names_in("en")), "")
