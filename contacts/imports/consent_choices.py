"""What the name of a column says about its values: which there are to choose from, as in "Consent (yes/no)", and what
they mean, as in "Newsletter: 1 = no, 0 = yes".

Read in the name with its signs: without these, "1. No marketing" has the same words as a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from contacts.imports import consent_words as words

# Between two values that a name defines. A limit, since a file may have a name of a million characters.
_MAX_BETWEEN = 100
# Not within a word.
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"


def _one_of(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _choice_pattern() -> re.Pattern[str]:
    """A yes and a no of one language, in brackets or at the end; at the beginning, only if a sign says that they are a
    choice."""
    pairs = [pair.split() for pair in sorted(words.CHOICES)]
    pairs += [[no, yes] for yes, no in pairs]
    by_sign = _one_of(rf"{first}\s*[/|]\s*{second}" for first, second in pairs)
    by_word = _one_of(rf"{first}\s+{_one_of(sorted(words.OR))}\s+{second}" for first, second in pairs)
    # Nothing follows that two whole words at the end could deny: "consent_yes_no", "consent 0-1".
    whole = [(first, second) for first, second in pairs if len(first) > 1 or re.fullmatch(r"\d+", first)]
    side_by_side = _one_of(rf"{first}[\s_,-]+{second}" for first, second in whole)
    choice = _one_of([by_sign, by_word, side_by_side])
    return re.compile(rf"[(\[{{<]\s*{choice}\s*[)\]}}>]|{_START}{choice}[\W_]*$|^[\W_]*{by_sign}{_END}")


def _definition_pattern() -> re.Pattern[str]:
    """A value with what it means: behind a sign or a verb, or as the one number beside the other."""
    value = _START + _one_of(sorted(map(re.escape, words.YES | words.NO), key=len, reverse=True)) + _END
    verb = rf"(?:->|=>|→|⇒|{_START}{_one_of(sorted(words.MEANS))}{_END})"
    return re.compile(
        r"\S\s*="
        rf"|{value}\s*{verb}"
        rf"|{value}\s*:\s*{value}\s*(?:[,;/|)\]]|$)"
        rf"|{value}\s*:[^:]{{0,{_MAX_BETWEEN}}}{value}\s*:"
        rf"|{_START}1{_END}.{{0,{_MAX_BETWEEN}}}{_START}0{_END}"
        rf"|{_START}0{_END}.{{0,{_MAX_BETWEEN}}}{_START}1{_END}"
    )


_CHOICE = _choice_pattern()
_DEFINITION = _definition_pattern()
_TITLE_END = re.compile(r"[(\[{:]")


def without_choice(name: str) -> str:
    """The folded name, with its signs, without the values that it gives to choose from."""
    return _CHOICE.sub(" ", name)


def title_before_definition(name: str) -> str | None:
    """What stands before the first value that the folded name defines; None if it defines none."""
    defined = _DEFINITION.search(name)
    return _TITLE_END.split(name[: defined.start()])[0] if defined else None
