"""Looks through a text before the merge library does, in time that grows with its length only.

The library's regular expressions search the rest of the text for the end of each tag. Where there is none, they do that
again at the next tag: 12 KB of `{{` took minutes. So tags without an end are refused here, and so is what makes a text
expensive however short its evaluation is: very many tags, very long ones, brackets that are looked ahead from.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from liquid.exceptions import LiquidSyntaxError
from liquid.token import TOKEN_EOF, Token

MAX_LENGTH = 1_500_000  # characters; forms allow a third of it, and sending adds links
MAX_TAGS = 3000  # a tag costs some 0.15 ms to read and to compile
MAX_TAG_LENGTH = 5000  # characters
MAX_TAG_CHARACTERS = 200_000  # over all tags of the text
MAX_LOOKAHEAD = 2_000_000  # characters that the library looks at from the brackets of all tags
ADDED_WHEN_SENT = 50  # tags: the pixel, those of the preheader

# Sending puts one into each link. They are no work to evaluate, but each is a tag to read.
OWN_TAG = "{{ fanfare_click }}"

_NO_END = gettext_lazy("“%(tag)s” has no end. Write “%(end)s” where it ends.")
SPACE_NEEDED = gettext_lazy("For spintax in spintax, write a space between the two braces.")
SPINTAX = re.compile(r"\{\{[^{}|]{0,200}\|[^{}]{0,200}\}(?!\})")
_BEGINNING = re.compile(r"\{[{%]")
_VERBATIM = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")
_END_OF_VERBATIM = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc")}
_COMMENT = re.compile(r"\{%-?\s*comment\b")
_END_OF_COMMENT = re.compile(r"\{%-?\s*endcomment\s*-?%\}")
_LINK = re.compile(r"<a\s", re.IGNORECASE)


class Refused(LiquidSyntaxError):
    """Raised here, and for spintax, at a place of the source. The message is for the merchant."""

    def __init__(self, text: str, source: str, at: int):
        super().__init__(text, token=Token(TOKEN_EOF, "", at, source))


def refuse_costly(source: str, *, html: bool, room: int = 0) -> None:
    """Raises Refused for a text that is too costly to read, at the place in question. `room`: so many tags
    have to be left for what is added when the text is sent."""
    if len(source) > MAX_LENGTH:
        raise Refused(_("The text is too long."), source, 0)
    at = tags = characters = lookahead = 0
    links = len(_LINK.findall(source)) - source.count(OWN_TAG) if html else 0
    most = MAX_TAGS - room - links
    if most < 0:
        raise Refused(_("There are too many merge tags and links. Use fewer of them."), source, 0)
    last_end = max([found.start() for found in _END_OF_COMMENT.finditer(source)], default=-1)
    while found := _BEGINNING.search(source, at):
        start = found.start()
        if start > last_end and (comment := _COMMENT.match(source, start)):
            raise Refused(_NO_END % {"tag": f"{comment[0]} %}}", "end": "{% endcomment %}"}, source, start)
        at = _end(source, start)
        tags += 1
        if not _VERBATIM.match(source, start):
            tag = source[start:at]
            characters += len(tag)
            lookahead += len(tag) * (tag.count("(") + tag.count("["))
            if len(tag) > MAX_TAG_LENGTH:
                raise Refused(_("This merge tag is too long. Is the end of it missing?"), source, start)
        if tags > most or characters > MAX_TAG_CHARACTERS or lookahead > MAX_LOOKAHEAD:
            raise Refused(_("There are too many merge tags and links. Use fewer of them."), source, start)


def _end(source: str, start: int) -> int:
    """Where the tag that begins at `start` ends; for text that is taken verbatim, where its end tag ends."""
    if verbatim := _VERBATIM.match(source, start):
        closed = _END_OF_VERBATIM[verbatim[1]].search(source, verbatim.end())
        if closed is None:
            raise Refused(_NO_END % {"tag": verbatim[0], "end": f"{{% end{verbatim[1]} %}}"}, source, start)
        return closed.end()
    end = "}}" if source.startswith("{{", start) else "%}"
    closed_at = source.find(end, start + 2)
    if closed_at < 0:
        text = _("This merge tag has no end. Write “%(end)s” after it.") % {"end": end}
        if SPINTAX.match(source, start):
            text = f"{text} {SPACE_NEEDED}"
        raise Refused(text, source, start)
    return closed_at + 2
