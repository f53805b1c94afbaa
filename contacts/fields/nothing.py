"""Words that programs and people write into a cell that holds nothing: NULL, N/A, -.

In a column of names only words that are nobody's name count: Null, Nil, Nan and None are family names. There, NULL and
null count unless the other name of the row is written in the same case.
"""

from __future__ import annotations

# fmt: off
#: What programs write. They are passed over in silence: a database writes them into every empty cell.
OF_PROGRAMS = frozenset((
    "NULL", "null", "Null", "(null)", "(NULL)", "<null>", "<NULL>", "[NULL]", "\\N", "nil", "Nil", "NIL",
    "None", "none", "NONE", "undefined", "Undefined", "NaN", "nan", "#N/A", "#N/D", "#NV", "#NULL!", "#VALUE!",
    "#REF!", "#NAME?", "#DIV/0!", "#WERT!", "#VALEUR!", "(none)", "(empty)", "(blank)", "<empty>",
))
#: What people write. Where a number, a date or another special value belongs, a note says that it is left out.
OF_PEOPLE = frozenset((
    "N/A", "n/a", "N/a", "N.A.", "n.a.", "N/D", "n/d", "s.o.", "S.O.", "s/o", "S/O", "k.A.", "K.A.", "k.a.",
    "n.v.t.", "N.v.t.", "-", "--", "---", "\u2013", "\u2014", "_", ".", "?", "??",
))
# fmt: on
WORDS = OF_PROGRAMS | OF_PEOPLE
#: Words of WORDS that may be somebody's name, in lower case.
NAMES = frozenset({"null", "nil", "nan", "none"})


def is_no_name(text: str, other: str = "") -> bool:
    """Whether the text stands for no name. `other` is the other name of the same person."""
    if text not in WORDS:
        return False
    if text.lower() not in NAMES:
        return True
    if text.istitle():
        return False
    return other in WORDS or not ((other.isupper() and text.isupper()) or (other.islower() and text.islower()))
