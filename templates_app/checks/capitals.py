"""Words in capitals: read as shouting, by people and by filters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.checks.finding import LOOK, Finding, Place, passed
from templates_app.checks.message import Message, short

CHECK = "capitals"
MOST = 3
LEAST_WORDS, LEAST_LETTERS = 3, 12
_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_RUN = re.compile(r"\b[^\W\d_a-z]{2,}(?:[\s'’,!?:;.&-]+[^\W\d_a-z]{2,})+\b")


def check(message: Message) -> Iterator[Finding]:
    found = []
    for name, text in ((_("Subject"), message.subject), (_("Preview text"), message.preheader)):
        if run := shouted(text):
            found.append(_finding(run, Place(name)))
    for node, text in message.rendered.texts():
        if run := shouted(message.hidden.without(text)):
            found.append(_finding(run, message.place(node)))
    yield from found[:MOST]
    if not found:
        yield passed(CHECK, _("Few words in capitals"))


def shouted(text: str) -> str:
    """The first run of words in capitals that is long enough to be shouting, or nothing."""
    for run in _RUN.finditer(_TAGS.sub(" ", text)):
        words = run[0].split()
        if run[0].isupper() and len(words) >= LEAST_WORDS and sum(map(str.isalpha, run[0])) >= LEAST_LETTERS:
            return " ".join(words)
    return ""


def _finding(run: str, place: Place) -> Finding:
    seen = _("Readers feel shouted at, and spam filters count it. Write it in small letters.")
    return Finding(CHECK, LOOK, _("Words in capitals: “%(words)s”") % {"words": short(run, 40)}, seen, place, pin="AAA")
