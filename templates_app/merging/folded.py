"""Values as conditions of blocks compare them: `fanfare_folded_city` is the value of `city` as a text in small letters
without accents, whatever kind of field it is.

Liquid compares texts letter by letter, knows no number in quotes, and can't use a filter in a condition; an assigned
variable would do, but messages that have one can't go in bulk calls.
"""

from __future__ import annotations

from liquid.undefined import is_undefined

from kernel.words import fold

PREFIX = "fanfare_folded_"
MOST = 1000  # characters of a value that are compared
# What no literal in a merge tag, or no text around one in HTML, can hold: each by a sign that looks like it.
_SIGNS = str.maketrans(
    {"'": "’", '"': "”", "{": "(", "}": ")", "<": "‹", ">": "›", "&": "+", "\n": " ", "\r": " ", "\0": None}
)


def folded(value: object) -> str:
    """The text that stands for a value: "lyon", "1500", "true"; empty where there is none."""
    if value is None or is_undefined(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(fold(str(value)[:MOST]).translate(_SIGNS).split())


def literal(text: str) -> str:
    """What somebody typed, folded, as a literal of the merge language."""
    return f"'{folded(text)}'"


def field_of(name: str) -> str:
    """The field behind a folded name; the name itself where it is none."""
    return name.removeprefix(PREFIX)
