"""Merge tags that can't be read, that there are not, that are another product's, or that are empty for some; spintax
with mistakes. Also in the subject and preview text, where the message has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from templates_app.checks.finding import LOOK, STOPS, Finding, Fix, Place, passed
from templates_app.checks.message import Message
from templates_app.reading import findings as reading

CHECK = "merge_tags"
MOST = 8
_PLAIN = re.compile(r"\{\{-?\s*(?:first_name|full_name)\s*-?\}\}")


def check(message: Message) -> Iterator[Finding]:
    names = {"subject": _("Subject"), "preheader": _("Preview text")}
    sources = {"html": message.marked, "text": message.text} | {
        part: text for part in names if (text := getattr(message, part))
    }
    found = reading.findings(sources, message.known)
    for one in found[:MOST]:
        place = Place(names[one.part]) if one.part in names else message.line(one.line, one.column, one.part)
        severity = STOPS if one.level == reading.ERROR else LOOK
        yield Finding(CHECK, severity, one.text, _seen(one), place, fix=_fix(one, sources[one.part]), pin=_pin(one))
    if not found:
        yield passed(CHECK, _("Merge tags have values or fallbacks"))


def _seen(found: reading.Finding) -> str:
    if found.level == reading.ERROR:
        return _("The message can't be sent like this.")
    return (
        _("Readers see the tag itself.")
        if found.old and not found.old.startswith("{{")
        else _("Readers see nothing in its place.")
    )


def _pin(found: reading.Finding) -> str:
    return _("Mistake") if found.level == reading.ERROR else _("Merge tag")


def _fix(found: reading.Finding, source: str) -> Fix | None:
    if found.old:
        return Fix(_("Write %(new)s") % {"new": found.new}, old=found.old, new=found.new)
    lines = source.split("\n")
    line = lines[found.line - 1] if 0 < found.line <= len(lines) else ""
    tag = next((one for one in _PLAIN.finditer(line) if one.start() < found.column <= one.end()), None)
    if tag is None:
        return None
    words = pgettext("Hello there", "there")
    new = tag[0].rstrip("-}").rstrip() + f' | default: "{words}" }}}}'
    return Fix(_("Say “%(words)s”") % {"words": words}, old=tag[0], new=new)
