"""What people call things: one line that reads as it is written."""

from __future__ import annotations

import unicodedata

# Controls and ends of lines become blanks. Those that can't be seen go: they make two names look the same, or turn the
# direction of what follows, so that "gpj.exe" reads as "exe.jpg".
_BLANKS = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})


def clean(name: str) -> str:
    """The name in one line, without what can't be seen, its letters composed (NFC)."""
    seen = "".join(map(_seen, name))
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _BLANKS:
        return " "
    return "" if category in _UNSEEN else letter
