"""What is wrong with a template, or will be for some of its readers: found while it is written, each with its place."""

from __future__ import annotations

import html as html_module
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.people.missing_values import Missing
from kernel.templatetags.ui import number
from templates_app.merging import MergeError, Merger, is_readable
from templates_app.merging.language import mistakes
from templates_app.merging.structure import Problem, close_to, line_of
from templates_app.reading.foreign_tags import ForeignTag, foreign_tags

MAX_FINDINGS = 30  # of a part
MAX_TAG = 200  # characters of a merge tag that one press rewrites
ERROR, WARNING = "blocker", "warning"


@dataclass(frozen=True)
class Finding:
    """`old` is what one press replaces by `new` in the whole part, where there is something to replace."""

    part: str
    level: str
    line: int
    column: int
    text: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Known:
    """What a workspace's merge tags are."""

    always: frozenset[str]  # those that have a value for everybody
    of_people: frozenset[str]  # those of contacts, which may have none
    missing: Callable[[Collection[str]], Missing]

    @property
    def names(self) -> frozenset[str]:
        return self.always | self.of_people


def findings(sources: dict[str, str], known: Known) -> list[Finding]:
    """What there is to say about each part, by place. `sources` has "html" and others, which are texts. Raises
    TooCostly."""
    return [finding for part, source in sources.items() for finding in _of_part(part, source, known)]


def _of_part(part: str, source: str, known: Known) -> list[Finding]:
    is_html = part == "html"
    found = [_finding(part, source, ERROR, problem) for problem in mistakes(source, html=is_html)]
    if not is_readable(source):
        return found
    foreign = list(_foreign(part, source, known))
    theirs = {finding.old for finding in foreign}
    if not found:
        try:
            merger = Merger(source, html=is_html)
        except MergeError:  # cannot be: it has just been read
            return foreign
        found = [*_unknown(part, source, merger, known, theirs), *_empty(part, source, merger, known)]
    return sorted([*foreign, *found], key=lambda finding: (finding.line, finding.column))[:MAX_FINDINGS]


def _finding(part: str, source: str, level: str, problem: Problem) -> Finding:
    return Finding(part, level, *line_of(source, problem.start), problem.text)


def _unknown(part: str, source: str, merger: Merger, known: Known, theirs: set[str]) -> Iterator[Finding]:
    seen = set(known.names)
    for name, start in merger.places():
        if name in seen or _is_within(source, start, theirs):
            continue
        seen.add(name)
        line, column = line_of(source, start)
        if meant := close_to(name, sorted(known.names)):
            text = _("There is no merge tag “%(name)s”. Did you mean “%(meant)s”?") % {"name": name, "meant": meant}
        else:
            text = _("There is no merge tag “%(name)s”: it will be empty.") % {"name": name[:60]}
        yield Finding(part, WARNING, line, column, text, *(_renamed(source, start, name, meant) if meant else ()))


def _renamed(source: str, start: int, name: str, meant: str) -> tuple[str, str]:
    """The merge tag around a name and the same with another name; nothing for a condition, where the name may stand
    several times."""
    begins, ends = source.rfind("{{", 0, start), source.find("}}", start)
    old = source[begins : ends + 2] if 0 <= begins < ends else ""
    if not old or len(old) > MAX_TAG or "{%" in old:
        return "", ""
    return old, old.replace(name, meant, 1)


def _is_within(source: str, start: int, tags: set[str]) -> bool:
    """Whether one of these tags begins where the merge tag around `start` does."""
    begins = source.rfind("{{", 0, start)
    return begins >= 0 and any(source.startswith(tag, begins) for tag in tags)


def _empty(part: str, source: str, merger: Merger, known: Known) -> Iterator[Finding]:
    places: dict[str, int] = {}
    for name, start in merger.without_fallback():
        if name in known.of_people:
            places.setdefault(name, start)
    if not places:
        return
    missing = known.missing(places)
    for name, start in places.items():
        n = missing.counts.get(name, 0)
        if not n:
            continue
        if missing.is_sample:
            text = _("“%(name)s” is empty for %(n)s of the %(size)s newest contacts. Add a fallback.")
        else:
            text = _("“%(name)s” is empty for %(n)s of %(size)s contacts. Add a fallback.")
        details = {"name": name, "n": number(n), "size": number(missing.size)}
        yield _finding(part, source, WARNING, Problem(start, text % details))


def _foreign(part: str, source: str, known: Known) -> Iterator[Finding]:
    for tag in foreign_tags(source, names=known.of_people):
        written = next((text for text in (tag.tag, html_module.escape(tag.tag)) if text in source), "")
        line, column = line_of(source, source.find(written)) if written else (1, 1)
        new = tag.written if written else ""
        yield Finding(part, WARNING, line, column, _about(tag, new), written if new else "", new)


def _about(tag: ForeignTag, new: str) -> str:
    details = {"tag": tag.tag, "product": tag.product, "ours": new}
    if new:
        return _("“%(tag)s” is a merge tag of %(product)s. Here it is %(ours)s.") % details
    return _("“%(tag)s” looks like a merge tag of another product (%(product)s). It will be sent as it is.") % details
