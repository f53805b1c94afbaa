"""Links that lead nowhere, to the wrong place, or that filters distrust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml.html import HtmlElement

from templates_app.checks.finding import LOOK, STOPS, Finding, Fix, Place, passed
from templates_app.checks.message import Message, short
from templates_app.link_addresses import SHORTENERS, has_tags, host_of, is_decided_by_a_value, is_example, is_link

CHECK = "links"
MOST = 8  # findings
_BLANKS = re.compile(r"[\t\r\n]")


def targets(message: Message) -> dict[str, Place]:
    """Where the message's web links lead, each with its first place. None with merge tags: nobody knows where."""
    found: dict[str, Place] = {}
    for link in message.elements("a", "area"):
        target = _target(message, link)
        if host_of(target) and not has_tags(target):
            found.setdefault(target, message.place(link))
    return found


def check(message: Message) -> Iterator[Finding]:
    links = list(message.elements("a", "area"))
    anchors = {value for node in message.root.iter() for value in (node.get("id"), node.get("name")) if value}
    found = [one for link in links if (one := _judge(message, link, anchors)) is not None]
    by_place = {(finding.place.key, finding.title): finding for finding in found}
    yield from list(by_place.values())[:MOST]
    if not any(finding.severity == STOPS for finding in found):
        n = len({_target(message, link) for link in links} - {""})
        yield passed(CHECK, _("Links can be followed"), ngettext("%(n)d link", "%(n)d links", n) % {"n": n})


def _judge(message: Message, link: HtmlElement, anchors: set[str]) -> Finding | None:
    target = _target(message, link)
    words, place = message.words(link), message.place(link)
    if not target or target == "#":
        if target == "" and (link.get("name") or link.get("id") or not words):
            return None  # a place to jump to
        title = _("“%(words)s” has no link") if words else _("A picture has no link")
        seen = _("Readers press it, and nothing happens.")
        return Finding(CHECK, STOPS, title % {"words": words}, seen, place, pin=_("No link"))
    if not is_link(target):
        title = _("This link doesn't work: “%(link)s”") % {"link": short(target)}
        seen = _("Links begin with https:// and the name of a website.")
        return Finding(CHECK, STOPS, title, seen, place, pin=_("Broken link"))
    return _doubt(target, words, place, anchors)


def _doubt(target: str, words: str, place: Place, anchors: set[str]) -> Finding | None:
    if target.startswith("#") and unquote(target[1:]) not in anchors and not has_tags(target):
        title = _("“%(words)s” leads to a place that the message doesn't have") % {"words": words or target}
        return Finding(CHECK, LOOK, title, _("Readers press it, and nothing happens."), place, pin=_("No such place"))
    if is_decided_by_a_value(target):
        title = _("“%(words)s” leads to wherever a contact's value says") % {"words": words or short(target)}
        seen = _("Whoever fills in that value chooses the website. Begin the link with yours: https://www.example.com/")
        return Finding(CHECK, LOOK, title, seen, place, pin=_("Link from a value"))
    if target.lower().startswith("http://"):
        title = _("“%(words)s” leads to an address without encryption") % {"words": words or short(target)}
        seen = _("Browsers say “not secure”: %(link)s") % {"link": short(target)}
        fix = Fix(_("Write https://"), old=target, new=f"https://{target[7:]}")
        return Finding(CHECK, LOOK, title, seen, place, fix=fix, pin=_("http://"))
    host = host_of(target)
    if host in SHORTENERS or host.removeprefix("www.") in SHORTENERS:
        title = _("“%(words)s” leads to a short address of %(host)s") % {"words": words or target, "host": host}
        seen = _("Spam filters distrust it, and readers can't see where it goes. Use the page's own address.")
        return Finding(CHECK, LOOK, title, seen, place, pin=_("Short address"))
    if is_example(target):
        title = _("“%(words)s” still leads to the example's page") % {"words": words or short(target)}
        seen = _("Nobody's website is at %(link)s. Write the address of your own page.") % {"link": short(target)}
        return Finding(CHECK, LOOK, title, seen, place, pin=_("Example link"))
    return None


def _target(message: Message, link: HtmlElement) -> str:
    # Browsers ignore white space around an address and line ends and tabs in it (URL Standard, 4.4).
    return _BLANKS.sub("", message.shown(link.get("href") or "")).strip()
