"""Links whose words say nothing: screen readers list links without what stands around them (WCAG 2.2, 2.4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.checks.finding import LOOK, Finding, passed
from templates_app.checks.message import Message

CHECK = "link_words"
MOST = 5
# In small letters, without what stands before and after the words.
_EMPTY = frozenset(
    """click here|here|click|this link|link|more|read more|learn more|see more|find out more|click this link|tap here|
    cliquez ici|cliquer ici|ici|clique ici|ce lien|lien|lire|en savoir plus|lire la suite|plus|savoir plus|voir plus|
    suite|par ici|cliquez|cliquez sur ce lien""".replace("\n    ", "").split("|")
)
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def check(message: Message) -> Iterator[Finding]:
    found = []
    for link in message.elements("a"):
        words = message.words(link)
        if _AROUND.sub("", words).lower() in _EMPTY:
            title = _("“%(words)s” doesn't say where it leads") % {"words": words}
            seen = _("Who listens to the message hears only these words. Say what is behind the link.")
            found.append(Finding(CHECK, LOOK, title, seen, message.place(link), pin=_("Words of a link")))
    yield from found[:MOST]
    if not found:
        yield passed(CHECK, _("Links say where they lead"))
