"""Checks of a campaign's content as its readers see it: rendered, for each branch of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from delivery import tracking
from delivery.channels.email import composing
from delivery.checklist import Check, listed
from kernel.templatetags.ui import number
from templates_app.checks import required_parts
from templates_app.merging import MergeError, Merger
from templates_app.reading.foreign_tags import ForeignTag, foreign_tags
from templates_app.reading.pictures import broken_pictures

#: Gmail shows no more of a message's HTML.
GMAIL_CLIPS = 102_400
Values = Mapping[str, object]


def of_parts(source: str, names: Mapping[str, str | None], people: Sequence[Values]) -> list[Check]:
    """Whether every reader sees an unsubscribe link and a postal address: see checks.required_parts."""
    return [
        Check("blocker", part.problem, "templates:edit") if part.problem else Check("ok", part.name)
        for part in required_parts.required_parts(source, names, people)
    ]


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


def sent_size(source: str, preheader: str, workspace_id: int, people: Sequence[Values] = ()) -> int:
    """Bytes of the HTML as it is sent, with counted links and pixel; of the largest of these people's messages."""
    html = composing.with_pixel(composing.with_preheader(composing.number_links(source)[0], preheader))
    return max(_sizes(html, workspace_id, people), default=0)


def size(source: str, preheader: str, workspace_id: int, people: Sequence[Values]) -> list[Check]:
    """Whether Gmail clips the message, measured on the largest of the recipients' messages."""
    largest = sent_size(source, preheader, workspace_id, people)
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
