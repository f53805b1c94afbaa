"""Typed access to query strings and posted values: the one place where a text from outside becomes a number.

Forms check their own fields. What a view reads without a form, it reads here, so that no text reaches int() or the
database unchecked. NUL, which PostgreSQL can't store, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

MAX_TEXT = 120  # characters of a search text or a choice
MAX_CURSOR = 2000
MAX_NUMBERS = 10_001
MAX_NUMBER = 10**18 - 1  # fits into a row's id, which is a bigint


def text(given: QueryDict, name: str, most: int = MAX_TEXT, *, strip: bool = True) -> str:
    """The last value of this name, at most `most` characters; empty if there is none. `strip` takes white space around
    it away."""
    found = given.get(name, "").replace("\0", "")
    return (found.strip() if strip else found)[:most]


def texts(given: QueryDict, name: str) -> list[str]:
    """All values of this name."""
    return [value.replace("\0", "") for value in given.getlist(name)]


def number(given: QueryDict, name: str) -> int | None:
    """The last value of this name if it is a row's id, otherwise None."""
    return as_number(given.get(name, ""))


def numbers(given: QueryDict, name: str, most: int = MAX_NUMBERS) -> list[int]:
    """The ids among the first `most` values of this name."""
    return as_numbers(given.getlist(name)[:most])


def cursor(given: QueryDict, name: str = "cursor") -> str:
    """The position in a list, for `kernel.pagination`."""
    return text(given, name, MAX_CURSOR)


def as_number(text: str) -> int | None:
    """A whole number in ASCII digits, from 0 up, that fits into a row's id; otherwise None.

    str.isdigit() and isdecimal() say yes to digits of other scripts, and int() fails at some of them ("²").
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def as_numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that are ids, as numbers."""
    return [found for text in texts if (found := as_number(text)) is not None]


def has_nul(given: MultiValueDict) -> bool:
    """Whether a name or a value has a NUL in it."""
    return any("\0" in name or "\0" in "".join(map(str, found)) for name, found in given.lists())
