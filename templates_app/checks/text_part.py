"""Whether the merchant's own text part says as much as the message: filters compare the two."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from templates_app.checks.finding import LOOK, Finding, Place, passed
from templates_app.checks.message import Message
from templates_app.plain_text import text_of

CHECK = "text_part"
LEAST = 0.4  # of the words of the message
_WORD = re.compile(r"\w{2,}")
_NOT_WORDS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|https?://\S+", re.DOTALL)


def check(message: Message) -> Iterator[Finding]:
    own = _words(message.text_part)
    whole = _words(text_of(message.html)) if message.text else own
    place = message.line(1, part="text") if message.document is None else Place()
    if len(own) < LEAST * len(whole):
        title = _("The plain-text version says much less than the message")
        seen = _("It has %(own)d words, the message %(whole)d. Spam filters compare them.")
        yield Finding(CHECK, LOOK, title, seen % {"own": len(own), "whole": len(whole)}, place)
    elif message.text and "unsubscribe_url" not in message.text:
        title = _("The plain-text version has no unsubscribe link")
        yield Finding(CHECK, LOOK, title, _("Who reads it can't leave. Add {{ unsubscribe_url }}."), place)
    else:
        n = len(own)
        yield passed(CHECK, _("Plain-text version"), ngettext("%(n)d word", "%(n)d words", n) % {"n": n})


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOT_WORDS.sub(" ", text))
