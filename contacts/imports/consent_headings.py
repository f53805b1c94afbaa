"""What the name of a column says about consent: about which channel it is, and how its yes and no are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import dropwhile

from contacts.imports import consent_choices, headings
from contacts.imports import consent_words as words
from contacts.imports.consent_answers import CHANNELS

# How many words before a phrase are read for a negation: some of AFTER_NEGATION and of FILLERS may follow that.
MAX_NEGATION = 6
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


# Remembered: of objects in cells, each key of each row is asked for.
@lru_cache(maxsize=1000)
def heading_of(name: str) -> Heading | None:
    """What a column's name says about consent; None if nothing."""
    name = headings.fold_words(name)
    undivided = consent_choices.without_choice(name)
    title = consent_choices.title_before_definition(undivided)
    if title is not None:
        return _unclear(_heading_of_words(fold_heading(name)) or _heading_of_words(fold_heading(title)))
    bare = fold_heading(undivided)
    refusal = _longest_within(fold_heading(name), words.REFUSAL_WITHIN)
    if refusal and f" {refusal} " not in f" {bare} ":
        # "Yes/no marketing" gives to choose, or says "no marketing".
        return _unclear(_heading_of_words(fold_heading(name)))
    return _heading_of_words(bare)


def kind_of(name: str) -> Kind:
    """How yes and no are meant under this heading. Without a known one, a yes is a yes."""
    heading = heading_of(name)
    return heading.kind if heading else "status"


def _unclear(heading: Heading | None) -> Heading | None:
    return replace(heading, kind="unclear") if heading else None


def _heading_of_words(bare: str) -> Heading | None:
    if not bare:
        return None
    meaning, rest = _without_channels(bare)
    for phrase in dict.fromkeys((bare, rest, _without_fillers(rest))):
        if found := _heading_of_phrase(phrase, meaning):
            return found
    if rest != bare and not _without_fillers(rest):
        return Heading(meaning, "in", needs_values=True)  # "SMS: yes", if it isn't a number
    if kind := _kind_of_negated(rest):
        return Heading(meaning, kind, needs_values=True)
    return _heading_within(bare, rest, meaning)


def _kind_of_negated(rest: str) -> Kind:
    """How the yes of a heading is meant that is nothing but a negation and a vague word: as a no, of "No newsletter".
    What "Not blocked" and "No spam" mean by a yes isn't known. Empty if it is none."""
    negation, _space, behind = _without_fillers(rest).partition(" ")
    phrase = " ".join(dropwhile(words.AFTER_NEGATION.__contains__, behind.split()))
    found = _heading_of_clear_phrase(phrase, "consent", vague=True) if negation in words.WITHOUT else None
    if found is None or phrase in words.REFUSAL_WITHIN:
        return ""
    return "out" if found.kind == "in" else "unclear"


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
    that is about something else all the same says neither yes nor no. `rest`: without its channels."""
    said = frozenset(bare.split())
    if not words.NOT_OF_PEOPLE.isdisjoint(said):
        return None
    may_count = not words.COUNTING.isdisjoint(_without_phone_number(bare).split())
    may_name = not words.NAMING.isdisjoint(said)
    if kind := _refusal_within(bare, rest):
        return Heading(meaning, kind, needs_values=may_count or may_name, needs_words=True, may_count=may_count)
    if may_count or may_name:
        return None
    is_doubted = rest != bare or not words.DOUBTED.isdisjoint(said)
    doubts = [denied for _doubt, denied in _phrases_within(bare, words.DOUBT_WITHIN)] if is_doubted else []
    if doubts:
        return Heading(meaning, "unclear" if any(doubts) else "doubt", needs_words=True)
    return _heading_of_wish(bare, rest, meaning)


def _heading_of_wish(bare: str, rest: str, meaning: str) -> Heading | None:
    """A heading that has a wish or a negation beside what is sent: "Would you like our offers?", "Wil geen reclame".
    Its values decide. Of a negation that isn't understood, neither yes nor no is."""
    if _longest_within(bare, words.OTHER_MAILINGS) or _proof_of_words(bare):
        return None
    if _longest_within(bare, words.DENIALS):
        kind = "out" if _denies_all(bare) else "unclear"
        return Heading(meaning, kind, needs_values=True) if _is_denied_wish(bare) else None
    return Heading(meaning, "in", needs_values=True) if _is_wish(bare, rest) else None


def _is_denied_wish(bare: str) -> bool:
    denied = [word for word in bare.split() if word not in words.DENYING]
    is_agreement = bool(denied) and words.AGREEMENTS.issuperset(denied)
    return is_agreement or bool(_longest_within(bare, words.DENIABLE))


def _is_wish(bare: str, rest: str) -> bool:
    if _longest_within(bare, words.CONSENTS):
        return True
    if _longest_within(bare, words.TOPICS):
        # "Offers by SMS" has no verb.
        return bool(_longest_within(bare, words.WISHES) or (rest != bare and _longest_within(rest, words.TOPICS)))
    return bool(_longest_within(bare, words.ASKING) and _longest_within(bare, words.CONTACTING))


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
    if phrase in words.CALL_REFUSALS and not has_channel:
        return Heading("sms_consent", "doubt", needs_values=True)
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
    return _proof_of_words(fold_heading(name))


def _proof_of_words(bare: str) -> str:
    _meaning, rest = _without_channels(bare)
    for phrase in dict.fromkeys((bare, rest, _without_fillers(rest))):
        for meaning, phrases in words.PROOF_HEADINGS.items():
            if phrase in phrases:
                return meaning
    return "created_at" if bare in words.CREATED_HEADINGS else ""


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


def fold_heading(name: str) -> str:
    """The words of a heading, without its number in a list and words that join it to others."""
    found = headings.words_of(name)
    said = list(dropwhile(_says_nothing, found))
    return " ".join(said or found)


def _says_nothing(word: str) -> bool:
    return word in words.BEGINNINGS or re.fullmatch(r"\d\d?", word) is not None


def _without_channels(bare: str) -> tuple[str, str]:
    """(meaning, the rest of the heading): "email status" gives ("email_consent", "status"). A heading that names
    several channels is about all: its no is one to each of them."""
    named, rest = [], bare
    for channel in CHANNELS:
        if found := _longest_within(rest, words.CHANNEL_WORDS[channel]):
            named.append(channel)
            rest = " ".join(f" {rest} ".replace(f" {found} ", " ").split())
    return f"{named[0]}_consent" if len(named) == 1 else "consent", rest


def _without_fillers(phrase: str) -> str:
    return " ".join(word for word in phrase.split() if word not in words.FILLERS)
