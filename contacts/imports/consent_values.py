"""What the cells of a column about consent say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from contacts.imports import consent_words as words
from contacts.imports.consent_answers import RANK, REFUSALS, STATES, Answer, by_channel
from contacts.imports.consent_headings import NO_OF_KIND, Kind
from contacts.imports.moments import is_date, read_moment
from kernel.words import fold as without_accents

#: Stands for every date among the values of a column. No folded value has its signs.
DATE = "<date>"
# In words: "désinscrit le 3 mars par téléphone".
MAX_REMARK = 6
# Behind a sign such as ✔, has it shown as a picture.
_EMOJI = "\ufe0f"
# Behind an answer: "oui le 12/05/2023", folded.
_DATED = re.compile(
    r"(?:(?:le|on|the|am|el|il|em|op|since|depuis|seit) )?(?:\d{1,2} \d{1,2} \d{2,4}|\d{4}(?: \d{1,2} \d{1,2})?)"
)
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text as it is compared: lower case, no accents, one space between words. A text of signs alone stays."""
    return _NOT_WORD.sub(" ", without_accents(text)).strip() or text.strip().rstrip(_EMOJI)


def state_of(text: str, kind: Kind, chosen: Mapping[str, str] | None = None) -> str:
    """What a cell says; "pending" if it is not understood. `chosen`: what the merchant said, by folded cell or DATE."""
    folded = fold(text)
    if chosen and folded in chosen:
        return chosen[folded]
    if chosen and DATE in chosen and is_date(text):
        return chosen[DATE]
    return understood(text, kind) or "pending"


def understood(text: str, kind: Kind) -> str:
    """What a cell says by itself; empty if that isn't known."""
    folded = _answer_alone(fold(text))
    if not folded or folded in words.NOTHING:
        # "Unsubscribed on: (nothing)" is no refusal; "Consent: (nothing)" is no consent.
        return "granted" if kind in NO_OF_KIND or kind == "reason" else "pending"
    is_read_within = kind in NO_OF_KIND or kind == "reason" or _is_remark(folded)
    state = _state_of_word(folded) or (state_within(folded) if is_read_within else "")
    if state == "granted" and (kind in NO_OF_KIND or kind == "unclear") and folded not in words.SUBSCRIBED:
        state = ""
    if kind == "left because" and folded not in words.NO:
        return state if state in REFUSALS else "withdrawn"
    return state or ("" if kind == "reason" else _by_heading(text, folded, kind))


def _is_remark(folded: str) -> bool:
    """Whether a text may be read for the refusal in it: "Pas désinscrit" and "Yes, send me your news. I can unsubscribe
    at any time." are none."""
    said = folded.split()
    return len(said) <= MAX_REMARK and words.WITHOUT.isdisjoint(said)


def _answer_alone(folded: str) -> str:
    """The yes or the no of "No, thanks" and "Oui, le 12/05/2023"; other texts stay."""
    answer, _space, rest = folded.partition(" ")
    is_answer = answer in words.YES | words.NO and (rest in words.POLITENESS or _DATED.fullmatch(rest))
    return answer if is_answer else folded


def _by_heading(text: str, folded: str, kind: Kind) -> str:
    """What a yes, a no or a date says under a heading of this kind; empty if the cell is none."""
    if kind == "unclear":
        return ""
    if folded in words.YES or (folded not in words.NO and is_date(text)):
        return NO_OF_KIND.get(kind, "granted")
    if folded in words.NO:
        return "granted" if kind in NO_OF_KIND else "withdrawn"
    return ""


def reader(
    name: str,
    kind: Kind,
    chosen: Mapping[str, str],
    channels: Sequence[str],
    *,
    day_first: bool,
    zone: dt.tzinfo = dt.UTC,
) -> Callable[[str], Mapping[str, Answer]]:
    """A function from the cell of a column to what it says, by channel. Few different cells are remembered: an export
    has five."""

    @lru_cache(maxsize=500)
    def read(cell: str) -> Mapping[str, Answer]:
        state = state_of(cell, kind, chosen)
        reason = f"{name}: {cell.strip()}" if name else cell.strip()
        answer = Answer(state, reason[:200], read_moment(cell, day_first=day_first, zone=zone))
        return MappingProxyType(by_channel(answer, channels))

    return read


def folded_values(found: Mapping[str, int]) -> dict[str, str]:
    """The different values by their folded form, each as it is written most often, the most frequent first. All dates
    are one value, under DATE: nobody reads twenty of them."""
    best: dict[str, str] = {}
    for text, _count in sorted(found.items(), key=lambda pair: -pair[1]):
        best.setdefault(DATE if is_date(text) else fold(text), text)
    best.pop("", None)
    return best


def state_within(folded: str) -> str:
    """The state that a text names in the middle: "hard bounce from smtp". Of several, the strongest."""
    padded = f" {folded} "
    named = [_state_of_word(phrase) for phrase in words.TELLING_WITHIN if f" {phrase} " in padded]
    return max(named, key=RANK.__getitem__, default="")


def telling_phrase(folded: str) -> str:
    """The value as a phrase that only a column about consent has, however its words are cut; else empty."""
    return folded if folded in words.TELLING else words.TELLING_BY_LETTERS.get(folded, "")


def _state_of_word(folded: str) -> str:
    folded = words.TELLING_BY_LETTERS.get(folded, folded)
    for state in reversed(STATES):
        if folded in words.STATES[state]:
            return state
    return ""
