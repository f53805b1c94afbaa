"""Spintax with a brace too few: readers would see the braces and all options."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.checks.finding import LOOK, Finding, Place
from templates_app.checks.message import Message, short
from templates_app.reading.spintax_slips import slips

CHECK = "spintax"
MOST = 5


def check(message: Message) -> Iterator[Finding]:
    found = []
    for name, text in ((_("Subject"), message.subject), (_("Preview text"), message.preheader)):
        found += [_finding(one, Place(name)) for one in slips(text)]
    for node, text in message.rendered.texts():
        if "|" in text and ("{" in text or "}" in text):
            found += [_finding(one, message.place(node)) for one in slips(message.shown(text))]
    yield from found[:MOST]


def _finding(words: str, place: Place) -> Finding:
    title = _("Options in braces without an end: “%(words)s”") % {"words": short(words, 40)}
    seen = _("Readers see the braces and all options. Write {one|another} within one text, without a link or bold.")
    return Finding(CHECK, LOOK, title, seen, place, pin=_("Spintax"))
