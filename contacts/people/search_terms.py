"""What a contact is indexed under, and what a typed text looks for.

A term is a word with the workspace before it, because one index serves all workspaces: "3f:lefevre". Of a name's words
the first letter and the first two are terms, too ("3f.l", "3f.le"): words that begin so may be hundreds of thousands,
and PostgreSQL would visit them all. "3f@" begins a domain and "3f+" a national phone number.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from kernel import words

MAX_TERMS = 100  # of a contact
MAX_WORD = 40  # letters
MAX_QUERY = 200  # characters that are typed
MAX_QUERY_WORDS = 8
SHORT = 2  # letters of a beginning that is a term of its own
MIN_NATIONAL_DIGITS = 5


def of_contact(
    workspace_id: int, email: str | None, phone: str | None, names: Iterable[str], others: Iterable[str]
) -> list[str]:
    """The terms of one contact. `names`: first name, last name, companies; `others`: customer number, own fields."""
    terms: dict[str, None] = {}
    for name in names:
        terms |= dict.fromkeys(_of_name(name))
    if email:
        local, _at, domain = email.rpartition("@")
        terms |= dict.fromkeys(_of_name(local))
        terms |= dict.fromkeys(_of_domain(domain))
    if phone and (national := _national(phone)):
        terms[f"+{national}"] = None
    for text in others:
        terms |= dict.fromkeys(f":{word[:MAX_WORD]}" for word in words.spellings(text))
    return [f"{workspace_id:x}{term}" for term in list(terms)[:MAX_TERMS]]


@lru_cache(maxsize=50_000)
def _of_name(text: str) -> tuple[str, ...]:
    found = [word[:MAX_WORD] for word in words.spellings(text)]
    beginnings = [f".{word[:n]}" for word in found for n in range(1, SHORT + 1)]
    return (*(f":{word}" for word in found), *beginnings)


@lru_cache(maxsize=50_000)
def _of_domain(domain: str) -> tuple[str, ...]:
    """The domain and those above it but for the last, and the words in it."""
    labels = words.fold(domain).split(".")
    above = [f"@{'.'.join(labels[n:])[:100]}" for n in range(max(1, len(labels) - 1))]
    return (*above, *(f":{word[:MAX_WORD]}" for label in labels[:-1] for word in words.spellings(label)))


def _national(phone: str) -> str:
    """The digits of a stored number behind its country code."""
    digits = phone.removeprefix("+")
    code = next((digits[:n] for n in (1, 2, 3) if digits[:n].isdigit() and int(digits[:n]) in _CODES), "")
    return digits.removeprefix(code)


_CODES = frozenset(COUNTRY_CODE_TO_REGION_CODE)


def query(workspace_id: int, text: str) -> str:
    """The tsquery for a typed text: each of its words begins a word of the contact. Empty if the text has no word."""
    place = f"{workspace_id:x}"
    pieces = text[:MAX_QUERY].split()[:MAX_QUERY_WORDS]
    found = [part for piece in pieces if (part := _of_piece(place, piece))]
    if digits := _national_digits(text):
        number = _begins(place, "+", digits)
        return f"({' & '.join(found)}) | {number}" if found else number
    return " & ".join(found)


def _of_piece(place: str, piece: str) -> str:
    """A part of the query without a blank: a word, an address or a part of one, a domain, several joined words."""
    local, at, domain = piece.rpartition("@")
    domain = words.fold(domain).strip(".")
    plain = [_of_word(place, word) for word in words.typed(local if at else piece)][:MAX_QUERY_WORDS]
    if at:
        plain += [_begins(place, "@", domain)] if words.typed(domain) else []
        return f"({' & '.join(plain)})" if plain else ""
    if plain and "." in domain:
        return f"({' & '.join(plain)} | {_begins(place, '@', domain)})"
    return f"({' & '.join(plain)})" if plain else ""


def _of_word(place: str, word: str) -> str:
    if len(word) > SHORT or not _is_alphabetic(word):
        return _begins(place, ":", word[:MAX_WORD])
    return f"('{place}:{word}' | '{place}.{word}')"


def _is_alphabetic(word: str) -> bool:
    """Whether the word is of letters of which many words begin alike; not so ideographs."""
    return word < "\u2e80"


def _begins(place: str, kind: str, beginning: str) -> str:
    quoted = beginning[:100].replace("\\", "\\\\").replace("'", "''")
    return f"'{place}{kind}{quoted}':*"


def _national_digits(text: str) -> str:
    """The digits of a typed number as in a term, if it may be a national number: "06 12 34 5" has the digits 612345."""
    if any(sign.isalpha() for sign in text) or "+" in text:
        return ""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit()).lstrip("0")
    return digits if len(digits) >= MIN_NATIONAL_DIGITS else ""
