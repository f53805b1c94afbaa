"""Recognises the columns of a file that say who agreed and who refused, by heading and by values.

Such a column gives, for each row, one of STATES. It can only lower consent: a yes subscribes nobody whom the file's
declared consent would not subscribe, and a no keeps out everybody it is about. A value that is not understood counts
as "pending": no consent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import dropwhile
from types import MappingProxyType
from typing import NamedTuple

from contacts.fields import values
from contacts.imports import consent_choices, headings
from contacts.imports import consent_words as words
from kernel.words import fold as without_accents

#: What a value can mean, from the weakest to the strongest no. Where a file contradicts itself, the strongest counts.
STATES = ("granted", "pending", "bounced", "withdrawn", "complained")
RANK = {state: rank for rank, state in enumerate(STATES)}
REFUSALS = frozenset({"bounced", "withdrawn", "complained"})
CHANNELS = ("email", "sms", "whatsapp")
#: The meanings of columns that say yes or no, with the channels each is about.
ANSWERS: dict[str, tuple[str, ...]] = {
    "email_consent": ("email",),
    "sms_consent": ("sms",),
    "whatsapp_consent": ("whatsapp",),
    "consent": CHANNELS,
}
#: The meanings of columns that prove a yes.
PROOFS = ("consent_at", "consent_wording", "consent_ip", "consent_source")
#: All meanings of columns that are about a person's history with the merchant: read together, never an error.
MEANINGS = frozenset({*ANSWERS, *PROOFS, "created_at"})
#: Several columns of a file may have one of these meanings.
REPEATABLE = frozenset(ANSWERS)
#: Columns of Fanfare's own export that an import neither needs nor makes fields of.
OWN_EXPORT_ONLY = frozenset({"fanfare id", "tracking status", "consent recorded at"})
#: The columns about consent in Fanfare's own export. Its other columns hold the workspace's own fields, whatever these
#: are called.
OWN_EXPORT = {
    "email_status": "email_consent",
    "sms_status": "sms_consent",
    "whatsapp_status": "whatsapp_consent",
    "created_at": "created_at",
    "consent_source": "consent_source",
    "consent_at": "consent_at",
    "consent_wording": "consent_wording",
}
#: Stands for every date among the values of a column. No folded value has its signs.
DATE = "<date>"
# The share of a column's cells that have to be understood, where its name alone does not say enough.
LEAST_KNOWN = 0.5
#: How many different values of a column are shown and can be understood differently.
MAX_VALUES = 20
# How many words before a phrase are read for a negation: some of AFTER_NEGATION and of FILLERS may follow that.
MAX_NEGATION = 6
# Before this, nobody sent newsletters: a date such as 0001-01-01 or 1970-01-01 is no date.
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)

#: How the yes of a column is meant: "in", as a yes; "out", "bounced" or "complained", as that no; "status": it has
#: words; "left because": whatever is filled is a no; "reason": words within a text are one; "doubt": a yes is no
#: consent; "unclear": neither a yes nor a no is understood, since the heading may mean the opposite by them.
Kind = str
NO_OF_KIND = {
    "out": "withdrawn",
    "bounced": "bounced",
    "complained": "complained",
    "left because": "withdrawn",
    "doubt": "pending",
}
_NOT_WORD = re.compile(r"[\W_]+")
# Of a mail server, folded: 550 5.1.1, 452 4.2.2.
_REPLY = re.compile(r"(?:[45]\d\d )?[45] \d{1,3} \d{1,3}(?: |$)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
# As Go writes a time: 2021-05-06 07:08:09.123456 +0200 CEST.
_ZONE = re.compile(r" ([+-]\d{4})(?: [A-Z]{2,5})?$| UTC$")
_NUMBER = re.compile(r"[\d.,\s]+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True)
class Heading:
    """What the name of a column says: about which channels, and how its yes and no are meant."""

    meaning: str
    kind: Kind
    #: Whether the values decide if it is about consent at all.
    needs_values: bool = False
    #: Whether only words that nothing but consent has decide it ("Status").
    needs_telling: bool = False
    #: Whether numbers and links say that it is not about consent: it has its words beside others.
    needs_words: bool = False
    #: Whether its numbers count something, and neither a yes nor a no.
    may_count: bool = False


class Moment(NamedTuple):
    """A point in time that a cell says. Of a cell without a time of day, `day` is what it says, and `at` no more than
    the day's beginning."""

    at: dt.datetime
    day: dt.date | None = None


@dataclass(frozen=True)
class Answer:
    """What one cell says, with the heading and the cell for the ledger; `at` if the cell is a date."""

    state: str
    reason: str = ""
    at: Moment | None = None


def fold(text: str) -> str:
    """The text as it is compared: lower case, no accents, one space between words. A text of signs alone stays."""
    return _NOT_WORD.sub(" ", without_accents(text)).strip() or text.strip()


# Remembered: of objects in cells, each key of each row is asked for.
@lru_cache(maxsize=1000)
def heading_of(name: str) -> Heading | None:
    """What a column's name says about consent; None if nothing."""
    name = headings.fold_words(name)
    undivided = consent_choices.without_choice(name)
    title = consent_choices.title_before_definition(undivided)
    if title is not None:
        return _unclear(_heading_of_words(_fold_heading(name)) or _heading_of_words(_fold_heading(title)))
    bare = _fold_heading(undivided)
    refusal = _longest_within(_fold_heading(name), words.REFUSAL_WITHIN)
    if refusal and f" {refusal} " not in f" {bare} ":
        # "Yes/no marketing" gives to choose, or says "no marketing".
        return _unclear(_heading_of_words(_fold_heading(name)))
    return _heading_of_words(bare)


def _unclear(heading: Heading | None) -> Heading | None:
    return replace(heading, kind="unclear") if heading else None


def _heading_of_words(bare: str) -> Heading | None:
    if not bare:
        return None
    channel, rest = _without_channel(bare)
    meaning = f"{channel}_consent" if channel else "consent"
    if channel and not _without_fillers(rest):
        return Heading(meaning, "in", needs_values=True)  # "SMS: yes", if it isn't a number
    for phrase in dict.fromkeys((bare, rest, _without_fillers(rest))):
        if found := _heading_of_phrase(phrase, meaning):
            return found
    if _is_negated(rest):
        return Heading(meaning, "out", needs_values=True)
    return _heading_within(bare, rest, meaning)


def _is_negated(rest: str) -> bool:
    """Whether a heading is nothing but a negation and a vague word of a yes: "No newsletter"."""
    negation, _space, behind = _without_fillers(rest).partition(" ")
    phrase = " ".join(dropwhile(words.AFTER_NEGATION.__contains__, behind.split()))
    found = _heading_of_clear_phrase(phrase, "consent", vague=True) if negation in words.WITHOUT else None
    return found is not None and found.kind == "in"


def _is_denied(before: list[str]) -> bool:
    """Whether the words before a phrase end in a negation, perhaps with "longer" or "yet" behind it."""
    found = [word for word in before[-MAX_NEGATION:] if word not in words.FILLERS or word in words.WITHOUT]
    while found and found[-1] in words.AFTER_NEGATION:
        found.pop()
    return bool(found) and found[-1] in words.WITHOUT


def _phrases_within(phrase: str, known: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """The longest of the known phrases from left to right, each with whether a negation stands before it."""
    found, place = phrase.split(), 0
    while place < len(found):
        here = [" ".join(found[place : place + length]) for length in range(words.LONGEST_PHRASE, 0, -1)]
        longest = next((one for one in here if one in known), "")
        if longest:
            yield longest, _is_denied(found[:place][-MAX_NEGATION:])
        place += max(len(longest.split()), 1)


def _has_negated_yes(rest: str) -> bool:
    """Whether a negation stands before a clear phrase of a yes, anywhere in the heading: "Not subscribed to offers"."""
    phrases = dict.fromkeys((rest, _without_fillers(rest)))
    return any(denied for phrase in phrases for _yes, denied in _phrases_within(phrase, words.CLEAR_OPT_IN))


def _heading_within(bare: str, rest: str, meaning: str) -> Heading | None:
    """A heading that has a phrase of refusal, or a negated one of a yes, somewhere in it; None if it has none. A column
    that is about something else all the same says neither yes nor no. `rest`: without its channel."""
    said = frozenset(bare.split())
    if not words.NOT_OF_PEOPLE.isdisjoint(said):
        return None
    may_count = not words.COUNTING.isdisjoint(_without_phone_number(bare).split())
    may_name = not words.NAMING.isdisjoint(said)
    if kind := _refusal_within(bare, rest):
        return Heading(meaning, kind, needs_values=may_count or may_name, needs_words=True, may_count=may_count)
    if may_count or may_name:
        return None
    is_doubted = meaning != "consent" or not words.DOUBTED.isdisjoint(said)
    if is_doubted and _longest_within(bare, words.DOUBT_WITHIN):
        return Heading(meaning, "doubt", needs_words=True)
    return _heading_of_wish(bare, meaning)


def _heading_of_wish(bare: str, meaning: str) -> Heading | None:
    """A heading that has a wish or a negation beside what is sent: "Would you like our offers?", "Wil geen reclame".
    Its values decide. Of a negation that isn't understood, neither yes nor no is."""
    if _longest_within(bare, words.OTHER_MAILINGS) or _proof_of_words(bare):
        return None
    denial = _longest_within(bare, words.DENIALS)
    wishes = denial or _longest_within(bare, words.WISHES)
    if not (_longest_within(bare, words.CONSENTS) or (wishes and _longest_within(bare, words.TOPICS))):
        return None
    if denial:
        return Heading(meaning, "out" if _denies_all(bare) else "unclear", needs_values=True)
    return Heading(meaning, "in", needs_values=True)


def _denies_all(bare: str) -> bool:
    """Whether a heading is one negated wish: "No desea recibir publicidad", and not "Consent: no, perhaps, yes"."""
    said = list(dropwhile(lambda word: word in words.SPEAKERS or word in words.FILLERS, bare.split()))
    if not said or said[0] not in words.WITHOUT:
        return False
    denied = list(dropwhile(lambda word: word in words.AFTER_NEGATION or word in words.FILLERS, said[1:]))
    is_wish = not (words.TOPICS | words.WISHES).isdisjoint((" ".join(denied[:1]), " ".join(denied[:2])))
    return is_wish and words.DENIALS.isdisjoint(denied) and words.YES.isdisjoint(denied)


def _refusal_within(bare: str, rest: str) -> Kind:
    """How the yes of a heading with a phrase of refusal in it is meant: as a no, if one of them is not denied."""
    if found := list(_phrases_within(bare, words.REFUSAL_WITHIN)):
        refusals = [phrase for phrase, denied in found if not denied]
        if refusals and [(phrase, True) for phrase in refusals] == list(_phrases_within(rest, words.REFUSAL_WITHIN)):
            return "unclear"  # "No e-mail opt-out" may deny the channel or the opt-out
        return _kind_of_no(max(refusals, key=len)) if refusals else "in"
    return "out" if _has_negated_yes(rest) else ""


def _without_phone_number(bare: str) -> str:
    """The heading without "phone number", which counts nothing."""
    return bare.replace(found, "") if (found := _longest_within(bare, words.PHONE_NUMBERS)) else bare


def _longest_within(bare: str, phrases: frozenset[str]) -> str:
    padded = f" {bare} "
    return max((phrase for phrase in phrases if f" {phrase} " in padded), key=len, default="")


def _heading_of_phrase(phrase: str, meaning: str) -> Heading | None:
    """A heading that is nothing but a phrase, perhaps without its channel; None if it is not about consent."""
    phrase = words.BY_LETTERS.get(phrase.replace(" ", ""), phrase)
    has_channel = meaning != "consent"
    if phrase in words.STATUS_HEADINGS:
        bare_status = phrase in words.BARE_STATUS and not has_channel
        return Heading(meaning, "status", needs_values=bare_status, needs_telling=bare_status)
    if phrase in words.REASON_HEADINGS and not has_channel:
        return Heading(meaning, "reason", needs_values=True, needs_telling=True)
    return _heading_of_clear_phrase(phrase, meaning, vague=phrase in words.VAGUE_HEADINGS and not has_channel)


def _heading_of_clear_phrase(phrase: str, meaning: str, *, vague: bool) -> Heading | None:
    if phrase in words.LEFT_BECAUSE_HEADINGS:
        return Heading(meaning, "left because")
    if phrase in words.OPT_OUT_HEADINGS or _is_dated_opt_out(phrase):
        return Heading(meaning, _kind_of_no(phrase), needs_values=vague)
    if phrase.startswith(words.OPT_OUT_BEGINNINGS):
        return Heading(meaning, "out", needs_values=True)
    if phrase in words.OPT_IN_HEADINGS or phrase in words.VAGUE_HEADINGS:
        return Heading(meaning, "in", needs_values=vague)
    return None


def proof_of(name: str) -> str:
    """The meaning of a column with a proof of consent, "created_at", or empty."""
    return _proof_of_words(_fold_heading(name))


def _proof_of_words(bare: str) -> str:
    _channel, rest = _without_channel(bare)
    for phrase in dict.fromkeys((bare, rest, _without_fillers(rest))):
        for meaning, phrases in words.PROOF_HEADINGS.items():
            if phrase in phrases:
                return meaning
    return "created_at" if bare in words.CREATED_HEADINGS else ""


def guess_meaning(name: str, found: Mapping[str, int]) -> str:
    """The meaning of a column with this name and these cells (with how often each occurs), or empty."""
    if _fold_heading(name) in OWN_EXPORT_ONLY or _are_addresses(found):
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


def state_of(text: str, kind: Kind, chosen: Mapping[str, str] | None = None) -> str:
    """What a cell says; "pending" if it is not understood. `chosen`: what the merchant said, by folded cell or DATE."""
    folded = fold(text)
    if chosen and folded in chosen:
        return chosen[folded]
    if chosen and DATE in chosen and _is_date(text):
        return chosen[DATE]
    return understood(text, kind) or "pending"


def understood(text: str, kind: Kind) -> str:
    """What a cell says by itself; empty if that isn't known."""
    folded = _without_politeness(fold(text))
    if not folded or folded in words.NOTHING:
        # "Unsubscribed on: (nothing)" is no refusal; "Consent: (nothing)" is no consent.
        return "granted" if kind in NO_OF_KIND or kind == "reason" else "pending"
    state = _state_of_word(folded) or (_state_within(folded) if kind in NO_OF_KIND or kind == "reason" else "")
    if kind == "left because" and folded not in words.NO:
        return state if state in REFUSALS else "withdrawn"
    return state or ("" if kind == "reason" else _by_heading(text, folded, kind))


def _without_politeness(folded: str) -> str:
    """The yes or the no of "No, thanks" and "Oui merci"; other texts stay."""
    answer = folded.split(" ", 1)[0]
    is_answer = answer in words.YES | words.NO and folded.removeprefix(answer).strip() in words.POLITENESS
    return answer if is_answer else folded


def _by_heading(text: str, folded: str, kind: Kind) -> str:
    """What a yes, a no or a date says under a heading of this kind; empty if the cell is none."""
    if kind == "unclear":
        return ""
    if folded in words.YES or (folded not in words.NO and _is_date(text)):
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


def by_channel(answer: Answer, channels: Sequence[str]) -> dict[str, Answer]:
    """What a cell of a column about these channels says about each."""
    if len(channels) == 1:
        return {channels[0]: answer}
    return {channel: _of_channel(answer, channel) for channel in channels}


def _of_channel(answer: Answer, channel: str) -> Answer:
    """What a column about all channels says about one: a bounce and a complaint are about e-mail."""
    if channel == "email" or answer.state not in ("bounced", "complained"):
        return answer
    return Answer("pending" if answer.state == "bounced" else "withdrawn", answer.reason, answer.at)


def read_moment(text: str, *, day_first: bool, zone: dt.tzinfo = dt.UTC) -> Moment | None:
    """The point in time that a cell says: in UTC where it names no zone, but a day begins in `zone`. None if it is
    none, lies in the future or before 1990."""
    text = text.strip()
    found = _parse_moment(text, day_first, zone) if text else None
    if found is None or found.at < EARLIEST or found.at > dt.datetime.now(dt.UTC):
        return None
    return found


def kind_of(name: str) -> Kind:
    """How yes and no are meant under this heading. Without a known one, a yes is a yes."""
    heading = heading_of(name)
    return heading.kind if heading else "status"


def folded_values(found: Mapping[str, int]) -> dict[str, str]:
    """The different values by their folded form, each as it is written most often, the most frequent first. All dates
    are one value, under DATE: nobody reads twenty of them."""
    best: dict[str, str] = {}
    for text, _count in sorted(found.items(), key=lambda pair: -pair[1]):
        best.setdefault(DATE if _is_date(text) else fold(text), text)
    best.pop("", None)
    return best


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
    if kind == "reason" and (_state_within(folded) or _REPLY.match(folded)):
        return True
    return bool(_telling(folded))


def _telling(folded: str) -> str:
    """The value as a phrase that only a column about consent has, however its words are cut; else empty."""
    return folded if folded in words.TELLING else words.TELLING_BY_LETTERS.get(folded, "")


def _state_within(folded: str) -> str:
    """The state that a text names in the middle: "hard bounce from smtp". Of several, the strongest."""
    padded = f" {folded} "
    named = [_state_of_word(phrase) for phrase in words.TELLING_WITHIN if f" {phrase} " in padded]
    return max(named, key=RANK.__getitem__, default="")


def _state_of_word(folded: str) -> str:
    folded = words.TELLING_BY_LETTERS.get(folded, folded)
    for state in reversed(STATES):
        if folded in words.STATES[state]:
            return state
    return ""


def _kind_of_no(phrase: str) -> Kind:
    if "bounce" in phrase or phrase.startswith("clean") or phrase in words.BOUNCE_HEADINGS:
        return "bounced"
    return "complained" if "spam" in phrase or "complain" in phrase else "out"


def _is_dated_opt_out(phrase: str) -> bool:
    """unsubscribed at, unsub time, date de desinscription."""
    bare = re.sub(
        r"^(?:date|datum|fecha|data)(?: de| d| der| di| da)? | (?:at|on|date|time|timestamp|am|op|datum)$", "", phrase
    )
    return bare != phrase and _without_fillers(bare) in words.OPT_OUT_HEADINGS


def _fold_heading(name: str) -> str:
    """The words of a heading, without its number in a list and words that join it to others."""
    found = headings.words_of(name)
    said = list(dropwhile(_says_nothing, found))
    return " ".join(said or found)


def _says_nothing(word: str) -> bool:
    return word in words.BEGINNINGS or re.fullmatch(r"\d\d?", word) is not None


def _without_channel(bare: str) -> tuple[str, str]:
    """(channel, the rest of the heading): "email status" gives ("email", "status")."""
    for channel in ("whatsapp", "sms", "email"):
        for word in sorted(words.CHANNEL_WORDS[channel], key=len, reverse=True):
            padded = f" {bare} "
            if f" {word} " in padded:
                return channel, " ".join(padded.replace(f" {word} ", " ").split())
    return "", bare


def _without_fillers(phrase: str) -> str:
    return " ".join(word for word in phrase.split() if word not in words.FILLERS)


def _is_date(text: str) -> bool:
    return any(_parse_moment(text.strip(), day_first, dt.UTC) for day_first in (True, False))


def _parse_moment(text: str, day_first: bool, zone: dt.tzinfo) -> Moment | None:
    if _EPOCH.fullmatch(text):
        return Moment(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC))
    # A bare number such as 20240301 is read, too; one as short as a year is not.
    try:
        return _day(dt.date.fromisoformat(text), zone)
    except ValueError:
        pass
    try:
        exact = dt.datetime.fromisoformat(_ZONE.sub(lambda found: found[1] or "Z", text))
    except ValueError:
        pass
    else:
        return Moment(exact if exact.tzinfo else exact.replace(tzinfo=dt.UTC))
    try:
        day = dt.date.fromisoformat(str(values.read("date", text, day_first=day_first)))
    except (values.BadValue, ValueError):
        return None
    clock = _CLOCK.search(text)
    return _at_clock(day, clock, text) if clock else _day(day, zone)


def _day(day: dt.date, zone: dt.tzinfo) -> Moment:
    return Moment(dt.datetime.combine(day, dt.time.min, zone), day)


def _at_clock(day: dt.date, clock: re.Match, text: str) -> Moment | None:
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if "pm" in text.lower() and hour < 12:
        hour += 12
    try:
        return Moment(dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=dt.UTC))
    except ValueError:
        return None
