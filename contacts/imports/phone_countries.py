"""Guesses the country of a column's phone numbers, where another column names it.

Not from the numbers alone: 07400 123456 is valid in Great Britain, Germany and India, and a wrong country makes it the
number of somebody else.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from accounts import countries
from contacts.fields.values import fold
from contacts.identity.phones import BadPhone, find_phone
from contacts.imports import languages

_SHORT_NAMES = {
    "uk": "GB",
    "england": "GB",
    "great britain": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "brd": "DE",
}
#: Names of columns in which a code of two letters is a country, and not a language or a state.
_HEADINGS = {"country", "country code", "pays", "code pays", "land", "pais", "paese", "nation", "nazione", "staat"}
_NATIONAL = re.compile(r"(?!\s*\+|\s*00)[\d\s().,/x#-]{6,40}")


def guess(rows: list[list[str]], headings: list[str], column: int, default: str) -> str:
    """The ISO country of the numbers in a column, or "" if it is the workspace's (`default`) or unknown. `rows` are a
    sample without the header."""
    numbers = [cell for row in rows if column < len(row) and _NATIONAL.fullmatch(cell := row[column].strip())]
    if not numbers:
        return ""
    named = _named(rows, headings)
    if not named or named == default:
        return ""
    return named if _share(numbers, named) >= max(_share(numbers, default), 0.5) else ""


def country_code(text: str) -> str | None:
    """The ISO code of a country that is named in words or as a code of two capitals; None if it is no country."""
    if text in countries.names_in("en"):
        return text
    return _names().get(fold(text))


def _named(rows: list[list[str]], headings: list[str]) -> str:
    """The country that most rows name in one of their columns."""
    for column in range(max(map(len, rows), default=0)):
        cells = [cell for row in rows if column < len(row) and (cell := row[column].strip())]
        is_headed = column < len(headings) and fold(headings[column]) in _HEADINGS
        found = [code for cell in cells if (len(cell) > 2 or is_headed) and (code := country_code(cell))]
        if found and len(found) * 2 > len(cells):
            return Counter(found).most_common(1)[0][0]
    return ""


def _share(numbers: list[str], country: str) -> float:
    return sum(_is_valid(number, country) for number in numbers) / len(numbers) if country else 0.0


def _is_valid(number: str, country: str) -> bool:
    try:
        find_phone(number, country)
    except BadPhone:
        return False
    return True


@cache
def _names() -> dict[str, str]:
    names = dict(_SHORT_NAMES)
    for language in languages.READ_IN:
        for code, name in countries.names_in(language).items():
            names.setdefault(fold(name), code)
    return names
