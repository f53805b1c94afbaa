"""Whether every reader sees an unsubscribe link and a postal address, in each branch of the message's conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from templates_app.checks.finding import STOPS, Finding, passed
from templates_app.checks.message import Message
from templates_app.merging import MergeError, Merger, TooCostly, message_tags
from templates_app.merging.spintax_nodes import SEED
from templates_app.reading.branches import names_in_conditions, variants
from templates_app.reading.visible import Rendered

CHECK = "required_parts"
MAX_WORDINGS = 8  # of spintax, that are looked at for what everybody must see
# What stands for our links and the postal address while we look for them; small letters only, for filters' sake.
_MARKS = {name: f"https://{name.replace('_', '')}.invalid/q" for name in message_tags.LINKS}
_POSTAL = "qpostaladdressq"
_UNSUBSCRIBE = "unsubscribeurl.invalid"

_SKIPPED_BY_OUTLOOK = re.compile(
    r"<!(?:--)?\[if [^\]]*![^\]]*\](?:><!--|--><!|)>.*?(?:<!(?:--<!)?\[endif\](?:--)?>|$)", re.DOTALL | re.IGNORECASE
)
_SEEN_BY_OUTLOOK = re.compile(r"<!--\[if [^\]!]*\]>(?!<!)(?P<inside>.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE)

Values = Mapping[str, object]


@dataclass(frozen=True)
class Missing:
    """A part that readers don't see: none of them, or those with these values."""

    always: bool
    values: Values


@dataclass(frozen=True)
class Part:
    """A part that every reader must see. `problem` says what is wrong, or nothing."""

    name: str
    problem: str


def check(message: Message) -> Iterator[Finding]:
    parts = required_parts(message.html, message.unknown_person)
    place = message.block_place("footer")
    for part in parts:
        if part.problem:
            yield Finding(CHECK, STOPS, part.problem, _("The law asks for it in every marketing message."), place)
    if not message.workspace.postal_address.strip():
        yield Finding(
            CHECK,
            STOPS,
            _("The workspace has no postal address"),
            _("The place for it in the footer stays empty."),
            place,
            page="settings:workspace",
        )
    elif not any(part.problem for part in parts):
        yield passed(CHECK, _("Unsubscribe link and postal address"))


def required_parts(source: str, names: Mapping[str, str | None], people: Sequence[Values] = ()) -> tuple[Part, Part]:
    """(unsubscribe link, postal address). `names` has the merge tags and the value of each for somebody about whom
    nothing is known, `people` the values of some recipients. Raises TooCostly."""
    missing = list(_missing(source, tuple(names.items())))
    read = names_in_conditions(source, names)
    for person in people if read else ():
        values = {name: value for name, value in person.items() if name in read}
        for n, is_shown in enumerate(_shown(source, person)):
            if not is_shown and missing[n] is None:
                missing[n] = Missing(always=False, values=values)
    link, address = missing
    return (
        Part(
            _("Unsubscribe link"),
            _problem(
                link,
                "unsubscribe_url" in source,
                _("The template has no unsubscribe link. Add {{ unsubscribe_url }}."),
                _("Readers don't see the unsubscribe link. It is hidden, in a comment or in a condition."),
                _("The unsubscribe link is not visible when %(values)s. Move it out of the condition."),
            ),
        ),
        Part(
            _("Postal address"),
            _problem(
                address,
                "postal_address" in source,
                _("The template has no postal address. Add {{ postal_address }}."),
                _("Readers don't see the postal address. It is hidden, in a comment or in a condition."),
                _("The postal address is not visible when %(values)s. Move it out of the condition."),
            ),
        ),
    )


def _problem(missing: Missing | None, is_written: bool, absent: str, hidden: str, conditional: str) -> str:
    if missing is None:
        return ""
    if not is_written:
        return absent
    return hidden if missing.always else conditional % {"values": _described(missing.values)}


@lru_cache(maxsize=64)
def _missing(source: str, names: tuple[tuple[str, str | None], ...]) -> tuple[Missing | None, Missing | None]:
    """What readers don't see of the unsubscribe link, and of the postal address; None where everybody sees it."""
    seen = [(values, _shown(source, values)) for values in variants(source, dict(names))]
    links, addresses = ([(values, shown[n]) for values, shown in seen] for n in (0, 1))
    return _first_without(links), _first_without(addresses)


def _first_without(seen: list[tuple[dict, bool]]) -> Missing | None:
    values = next((values for values, shown in seen if not shown), None)
    return None if values is None else Missing(not any(shown for _values, shown in seen), values)


def _shown(source: str, values: Values) -> tuple[bool, bool]:
    """(unsubscribe link, postal address): whether a reader with these values sees them."""
    try:
        shown = [_rendered(source, values, wording) for wording in _wordings(source)]
    except TooCostly:
        raise  # not known, and not to be remembered as seen
    except MergeError:
        return True, True  # told elsewhere; nobody gets this message
    views = [view for html in shown for one in _programs(html) for view in Rendered(one).views(_UNSUBSCRIBE, _POSTAL)]
    if any(view.is_covered(_UNSUBSCRIBE, _POSTAL) for view in views):
        return False, False
    return all(view.shows_link(_UNSUBSCRIBE) for view in views), all(view.shows_text(_POSTAL) for view in views)


def _programs(html: str) -> set[str]:
    """The message as most programs read it, and as Outlook does with its conditional comments."""
    return {html, _SEEN_BY_OUTLOOK.sub(lambda found: found["inside"] or "", _SKIPPED_BY_OUTLOOK.sub("", html))}


def _wordings(source: str) -> range:
    """Seeds that choose the first options of spintax, the second ones, and so on."""
    return range(-min(max(_parsed(source).options, 1), MAX_WORDINGS), 0)


def _rendered(source: str, values: Values, wording: int) -> str:
    return _parsed(source).render({**values, **_MARKS, "postal_address": _POSTAL, SEED: wording})


@lru_cache(maxsize=4)
def _parsed(source: str) -> Merger:
    return Merger(source, html=True)


def _described(values: Values) -> str:
    names = [_("%(name)s is “%(value)s”") % {"name": name, "value": value} for name, value in values.items() if value]
    return ", ".join(names[:3]) or _("nothing is known about the reader")
