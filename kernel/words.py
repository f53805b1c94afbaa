"""Words as people type them: without accents, case and punctuation, so that "lefevre" finds Lefèvre.

The same folding is applied to what is stored and to what is typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ـ": None}
)
# The other way to write these without the sign: Müller is Mueller as well as Muller.
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in small letters without accents: "Lefèvre" and "LEFEVRE" are "lefevre", "Strauß" is "strauss"."""
    if text.isascii():
        return text.lower()
    # Folded again in the end: a compatibility letter may become a capital.
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).casefold()
    return "".join(sign for sign in apart if unicodedata.category(sign)[0] != "M")


def typed(text: str) -> list[str]:
    """The words of what somebody typed into a search field, each once, in their order."""
    return list(dict.fromkeys(_WORD.findall(fold(text))))


@lru_cache(maxsize=50_000)
def spellings(text: str) -> frozenset[str]:
    """All words by which a stored text may be found: its words, and those of which a sign makes several ("O'Brien",
    "Jean-Luc") written as one, too."""
    found: set[str] = set()
    for version in {text, unicodedata.normalize("NFC", text).casefold().translate(_DIGRAPHS)}:
        for piece in fold(version).split():
            parts = _WORD.findall(piece)
            found.update(parts)
            if len(parts) > 1:
                found.add("".join(parts))
    return frozenset(found)


def begins(text: str, query: Iterable[str]) -> bool:
    """Whether each of the words in `query` (from `typed`) begins a word of the text."""
    own = spellings(text)
    return all(any(word.startswith(beginning) for word in own) for beginning in query)


def first_of(names: Sequence[str], most: int) -> str:
    """The first names, for a sentence, and a sign that there are more: "Ann, Bob …"."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text: no NUL, and no half of a surrogate pair."""
    return "\0" not in text and text == text.encode("utf-8", "replace").decode()
