"""Recognises the columns of a file that say who agreed and who refused, by heading and by values.

Such a column gives, for each row, one of STATES. It can only lower consent: a yes subscribes nobody whom the file's
declared consent would not subscribe, and a no keeps out everybody it is about. A value that is not understood counts
as "pending": no consent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from contacts.imports import consent_words as words
from contacts.imports.consent_answers import OWN_EXPORT_ONLY
from contacts.imports.consent_headings import Heading, Kind, fold_heading, heading_of, proof_of
from contacts.imports.consent_values import fold, state_within, telling_phrase, understood

# The share of a column's cells that have to be understood, where its name alone does not say enough.
LEAST_KNOWN = 0.5
#: How many different values of a column are shown and can be understood differently.
MAX_VALUES = 20
# Of a mail server, folded: 550 5.1.1, 452 4.2.2.
_REPLY = re.compile(r"(?:[45]\d\d )?[45] \d{1,3} \d{1,3}(?: |$)")
_NUMBER = re.compile(r"[\d.,\s]+")


def guess_meaning(name: str, found: Mapping[str, int]) -> str:
    """The meaning of a column with this name and these cells (with how often each occurs), or empty."""
    if fold_heading(name) in OWN_EXPORT_ONLY or _are_addresses(found):
        return ""
    heading = heading_of(name)
    if heading is not None:
        return heading.meaning if _values_fit(heading, found) else ""
    if meaning := proof_of(name):
        return meaning
    # Without a telling name, nearly all values have to be words of consent.
    unnamed = Heading("consent", "status", needs_values=True, needs_telling=True)
    return "consent" if found and _values_fit(unnamed, found, least=0.9) else ""


def _are_addresses(found: Mapping[str, int]) -> bool:
    """Whether most cells are e-mail addresses, as under “Invalid Email”: whom it is about, and not what they said."""
    return sum(count for text, count in found.items() if "@" in text) * 2 > sum(found.values()) > 0


def _values_fit(heading: Heading, found: Mapping[str, int], least: float = LEAST_KNOWN) -> bool:
    filled = {text: count for text, count in found.items() if fold(text) and fold(text) not in words.NOTHING}
    if not filled:
        return not heading.needs_values
    if heading.needs_telling:
        telling = any(_is_telling(fold(text), heading.kind) for text in filled)
        # A "Status" with one "unsubscribed" in it says no, whatever its other values are.
        if not telling or least == LEAST_KNOWN:
            return telling
    said = {
        text: count for text, count in filled.items() if not (heading.may_count and _NUMBER.fullmatch(text.strip()))
    }
    # That a column says yes and no is known, though not which is which.
    kind = "in" if heading.kind == "unclear" else heading.kind
    known = sum(count for text, count in said.items() if understood(text, kind))
    is_mostly_known = known >= least * sum(filled.values())
    if heading.needs_values:
        return is_mostly_known
    if heading.needs_words:
        return is_mostly_known or all(map(_is_short_text, filled))
    # A clear name is believed, unless its cells are long texts, such as the wording of a consent.
    return known > 0 or max(map(len, filled)) <= 40


def _is_short_text(text: str) -> bool:
    return len(text) <= 40 and "/" not in text and not any(map(str.isdigit, text))


def _is_telling(folded: str, kind: Kind) -> bool:
    if kind == "reason" and (state_within(folded) or _REPLY.match(folded)):
        return True
    return bool(telling_phrase(folded))
