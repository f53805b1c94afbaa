"""Checks of a campaign's content as its readers see it: rendered, for each branch of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from delivery import tracking
from delivery.channels.email import composing
from delivery.checklist import Check, listed
from kernel.templatetags.ui import number
from templates_app.merging import MergeError, Merger, TooCostly, message_tags
from templates_app.merging.spintax_nodes import SEED
from templates_app.reading.branches import names_in_conditions, variants
from templates_app.reading.foreign_tags import ForeignTag, foreign_tags
from templates_app.reading.pictures import broken_pictures
from templates_app.reading.visible import Rendered

#: Gmail shows no more of a message's HTML.
GMAIL_CLIPS = 102_400
MAX_WORDINGS = 8  # of spintax, that are looked at for what everybody must see
# What stands for our links and the postal address while we look for them; small letters only, for filters' sake.
_MARKS = {name: f"https://{name.replace('_', '')}.invalid/q" for name in message_tags.LINKS}
_POSTAL = "qpostaladdressq"
_UNSUBSCRIBE = "unsubscribeurl.invalid"

Values = Mapping[str, object]


@dataclass(frozen=True)
class Missing:
    """A part that readers don't see: none of them, or those with these values."""

    always: bool
    values: Values


def required_parts(source: str, names: Mapping[str, str | None], people: Sequence[Values]) -> list[Check]:
    """Whether every reader sees an unsubscribe link and a postal address. `names` has the merge tags and the value of
    each for somebody about whom nothing is known, `people` the values of some recipients."""
    missing = list(_missing(source, tuple(names.items())))
    read = names_in_conditions(source, names)
    for person in people if read else ():
        values = {name: value for name, value in person.items() if name in read}
        for n, is_shown in enumerate(_shown(source, person)):
            if not is_shown and missing[n] is None:
                missing[n] = Missing(always=False, values=values)
    return [_check(part, source, found) for part, found in zip(_parts(), missing, strict=True)]


@dataclass(frozen=True)
class _Part:
    """A part that every reader must see, and what is said about it."""

    tag: str
    name: str
    absent: str
    hidden: str
    conditional: str


def _parts() -> list[_Part]:
    return [
        _Part(
            "unsubscribe_url",
            _("Unsubscribe link"),
            _("The template has no unsubscribe link. Add {{ unsubscribe_url }}."),
            _("Readers don't see the unsubscribe link. It is hidden, in a comment or in a condition."),
            _("The unsubscribe link is not visible when %(values)s. Move it out of the condition."),
        ),
        _Part(
            "postal_address",
            _("Postal address"),
            _("The template has no postal address. Add {{ postal_address }}."),
            _("Readers don't see the postal address. It is hidden, in a comment or in a condition."),
            _("The postal address is not visible when %(values)s. Move it out of the condition."),
        ),
    ]


def _check(part: _Part, source: str, missing: Missing | None) -> Check:
    if missing is None:
        return Check("ok", part.name)
    if part.tag not in source:
        text = part.absent
    elif missing.always:
        text = part.hidden
    else:
        text = part.conditional % {"values": _described(missing.values)}
    return Check("blocker", text, "templates:edit")


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
    messages = [Rendered(html) for html in shown]
    links = all(message.shows_link(_UNSUBSCRIBE) for message in messages)
    return links, all(message.shows_text(_POSTAL) for message in messages)


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


def pictures(source: str) -> list[Check]:
    """Pictures that readers don't see."""
    texts = {
        "relative": _("The picture “%(address)s” has no complete address, so nobody sees it. Use https://"),
        "attached": _("The picture “%(address)s” is no attachment of this message, so nobody sees it. Use https://"),
        "embedded": _("The picture “%(address)s” is embedded. Gmail and Outlook don't show it. Use https://"),
    }
    found = [texts[kind] % {"address": _short(address)} for kind, address in broken_pictures(source)]
    return listed("warning", found, "templates:edit")


def _short(address: str) -> str:
    return address if len(address) <= 60 else f"{address[:59]}…"


def size(source: str, preheader: str, workspace_id: int, people: Sequence[Values]) -> list[Check]:
    """Whether Gmail clips the message, measured on the largest of the recipients' messages."""
    html = composing.with_pixel(composing.with_preheader(composing.number_links(source)[0], preheader))
    largest = max(_sizes(html, workspace_id, people), default=0)
    if largest <= GMAIL_CLIPS:
        return []
    text = _("The message has %(size)s KB. Gmail cuts it off after 102 KB, with the unsubscribe link at its end.")
    return [Check("warning", text % {"size": number(largest // 1000)}, "templates:edit")]


def _sizes(html: str, workspace_id: int, people: Sequence[Values]) -> Iterator[int]:
    links = tracking.addresses(tracking.sign(tracking.MESSAGE, workspace_id, 10**6, 10**6))
    try:
        merger = Merger(html, html=True)
        for person in people or [{}]:
            yield len(merger.render({**person, **links}).encode())
    except MergeError:
        return  # told elsewhere


def other_products(*texts: str) -> list[Check]:
    """Merge tags of other products."""
    return listed("warning", [_foreign(tag) for tag in foreign_tags(*texts)], "templates:edit")


def _foreign(found: ForeignTag) -> str:
    details = {"tag": found.tag, "product": found.product, "ours": found.ours}
    if found.ours:
        text = _("“%(tag)s” looks like a merge tag of another product (%(product)s). Use {{ %(ours)s }} instead.")
    else:
        text = _("“%(tag)s” looks like a merge tag of another product (%(product)s). It will be sent as it is.")
    return text % details
