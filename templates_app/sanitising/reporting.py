"""Collects what was removed, and writes it as sentences for the merchant."""

import re
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext

MAX_SENTENCES = 20
MAX_NAME = 40
_UNPRINTABLE = re.compile(r"[^\w:.@#-]+")


@dataclass(frozen=True)
class Removal:
    """Something that was taken out: `kind` is one of those below, `name` that of the element, attribute or property,
    `within` the element around it, if any. `text` says so in a sentence."""

    kind: str
    name: str
    within: str
    text: str


class Report:
    def __init__(self) -> None:
        self._found: Counter[tuple[str, str, str]] = Counter()

    def add(self, kind: str, name: str = "", within: str = "") -> None:
        self._found[kind, _printable(name), _printable(within)] += 1

    def removals(self) -> tuple[Removal, ...]:
        """Each kind of removal once, in order of appearance."""
        return tuple(Removal(*key, _sentence(*key, count)) for key, count in self._found.items())

    def sentences(self) -> tuple[str, ...]:
        sentences = list(dict.fromkeys(removal.text for removal in self.removals()))
        if len(sentences) <= MAX_SENTENCES:
            return tuple(sentences)
        shown = sentences[: MAX_SENTENCES - 1]
        rest = gettext("And %(count)d more removals") % {"count": len(sentences) - len(shown)}
        return (*shown, rest)


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub("…", name[:MAX_NAME])


def _sentence(kind: str, name: str, within: str, count: int) -> str:
    once, often = _wording(kind)
    return (once if count == 1 else often) % {"name": name, "within": within, "tag": name, "count": count}


def _wording(kind: str) -> tuple[str, str]:
    return {
        "tag": (gettext("Removed <%(tag)s>"), gettext("Removed <%(tag)s> (%(count)d times)")),
        "replaced": (
            gettext("Replaced <%(tag)s> with <%(within)s>"),
            gettext("Replaced <%(tag)s> with <%(within)s> (%(count)d times)"),
        ),
        "attribute": (
            gettext("Removed the attribute %(name)s from <%(within)s>"),
            gettext("Removed the attribute %(name)s from <%(within)s> (%(count)d times)"),
        ),
        "link": (
            gettext("Removed an unsafe link (%(name)s) from <%(within)s>"),
            gettext("Removed unsafe links (%(name)s) from <%(within)s> (%(count)d times)"),
        ),
        "property": (
            gettext("Removed the CSS property %(name)s"),
            gettext("Removed the CSS property %(name)s (%(count)d times)"),
        ),
        "css-url": (
            gettext("Removed an unsafe CSS URL from %(name)s"),
            gettext("Removed unsafe CSS URLs from %(name)s (%(count)d times)"),
        ),
        "rule": (gettext("Removed the CSS rule %(name)s"), gettext("Removed the CSS rule %(name)s (%(count)d times)")),
        "css": (
            gettext("Removed unreadable CSS"),
            gettext("Removed unreadable CSS (%(count)d times)"),
        ),
        "comment": (
            gettext("Removed an HTML comment with unsafe content"),
            gettext("Removed HTML comments with unsafe content (%(count)d times)"),
        ),
        "unfinished": (
            gettext("Removed an unfinished tag at the end of the message"),
            gettext("Removed unfinished tags at the end of the message"),
        ),
        "merge": (
            gettext("Removed a merge tag that builds HTML"),
            gettext("Removed merge tags that build HTML (%(count)d times)"),
        ),
    }[kind]
