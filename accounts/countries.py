"""Countries as the reader's language names them (Unicode CLDR, by Babel)."""

from functools import cache

from babel import Locale
from django.utils.translation import get_language

_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@cache
def _named(language: str) -> list[tuple[str, str]]:
    territories = Locale(language).territories
    codes = (code for code in territories if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES)
    return sorted(((code, territories[code]) for code in codes), key=lambda pair: pair[1])


def choices() -> list[tuple[str, str]]:
    return _named((get_language() or "en")[:2])


def name(code: str) -> str:
    return dict(choices()).get(code, code)
