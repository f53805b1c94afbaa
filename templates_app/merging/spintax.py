"""Spintax: `{Hello|Hi}` in a text becomes one of its options, another one for the next reader.

A group of options stands within one piece of text: not in an element's tag, an attribute, a style sheet, a comment, a
web address, a merge tag or a raw block, and no element stands in it. Merge tags may, conditions and loops whole in one
option, and other groups. Everything else in single braces is text: `{a}`, CSS, JSON, what other products write.
`\\{` begins no group.

The source is marked before the merge library reads it: each brace and each stroke of a group becomes a character of
private use that the source has nowhere. So the library sees the same text, at the same places, and groups cost it
nothing. What it has read is then cut at the marks (`spintax_nodes`).
"""

from __future__ import annotations

import html as html_module
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from django.utils.translation import gettext as _

from templates_app.merging.hiding import HiddenTags, Tag
from templates_app.merging.scanning import Refused

MAX_GROUPS = 500  # of a text
MAX_OPTIONS = 100  # of a group
MAX_LEVELS = 5  # of groups within groups

OPENS, DIVIDES, CLOSES, DROPPED = "open", "divide", "close", "drop"

_SINGLE_BRACE = re.compile(r"(?<!\{)\{(?![{%])")
# What other products write with a stroke in single braces: {contactfield=firstname|Customer}, {$name|upper}.
_FOREIGN = re.compile(r"\s*(?:[$!]|[\w.]+=|subtag:)")
_COMMENT_OR_TEXT = re.compile(r"<!--|<(style|script|title|textarea|xmp|noscript)\b", re.IGNORECASE)
_ELEMENT = re.compile(r"<[a-zA-Z/!?](?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
_BEGINS_ELEMENT = re.compile(r"<[a-zA-Z/!?]")
_AFTER_LESS_THAN = re.compile(r"[^\s<]*")
_WORD = re.compile(r"[^\W\d]\w*")
_OPENERS = frozenset({"if", "unless", "case", "for", "capture", "tablerow"})
_MIDDLES = frozenset({"else", "elsif", "when"})


@dataclass(frozen=True)
class Group:
    start: int  # where it stands in the source
    key: int  # of 64 bits: the same for the same options, whatever stands around them
    options: int


@dataclass(frozen=True)
class Marks:
    """The characters that stand in a marked source."""

    opens: str
    divides: str
    closes: str
    dropped: str  # before a brace or a stroke that is text

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(f"([{self.opens}{self.divides}{self.closes}]|{self.dropped})")


@dataclass(frozen=True)
class Marked:
    source: str
    marks: Marks
    groups: list[Group]  # in the order in which they begin


def mark(source: str, *, html: bool) -> Marked | None:
    """The source with its groups marked; None where it has none. Raises scanning.Refused for too many of them."""
    if "|" not in source or not _SINGLE_BRACE.search(source):
        return None
    hidden = HiddenTags(source)
    scan = _Scan(hidden, html=html).run()
    if not scan.places:
        return None
    marks = Marks(*hidden.unused(4))
    characters = {OPENS: marks.opens, DIVIDES: marks.divides, CLOSES: marks.closes, DROPPED: marks.dropped}
    letters = list(hidden.text)
    for at, kind in scan.places.items():
        letters[at] = characters[kind]
    groups = _groups(scan.groups, hidden, source, html=html)
    return Marked(hidden.show("".join(letters)), marks, groups)


def seed(text: str, contact_id: int) -> int:
    """What decides the options of one person's message, by its text part: whoever makes it again chooses the same."""
    made = blake2b(f"{contact_id}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(made.digest(), "big")


@dataclass
class _Open:
    at: int
    block: int  # the branch of a condition or loop in which it stands
    is_escaped: bool = False
    divisions: list[int] = field(default_factory=list)
    levels: int = 0  # of the groups in it


@dataclass
class _Found:
    start: int
    end: int
    options: int
    levels: int


class _Scan:
    """One pass over a text whose merge tags are hidden. The time is linear."""

    def __init__(self, hidden: HiddenTags, *, html: bool):
        self._hidden, self._html = hidden, html
        marker = hidden.marker.pattern
        markup = r"|(?P<markup><)" if html else ""
        self._token = re.compile(
            rf"(?P<tag>{marker})|(?P<url>(?:https?://|www\.)[^\s{{}}|<]*(?:\{{[^\s{{}}<]*\}}[^\s{{}}|<]*)*)"
            rf"|(?P<escape>\\[{{|}}])|(?P<brace>[{{|}}]){markup}",
            re.IGNORECASE,
        )
        # Where letters are twice as long in small ones, places would differ.
        self._lower = re.sub("[A-Z]+", lambda found: found[0].lower(), hidden.text) if html else ""
        self.places: dict[int, str] = {}
        self.groups: list[_Found] = []
        self._stack: list[_Open] = []
        self._blocks: list[int] = [0]
        self._is_open = {0}
        self._last_block = 0
        self._is_raw = False

    def run(self) -> _Scan:
        position: int | None = 0
        while position is not None and (found := self._token.search(self._hidden.text, position)):
            position = self._take(found)
        self.groups.sort(key=lambda group: group.start)
        return self

    def _take(self, found: re.Match[str]) -> int | None:
        """Where to go on; None where no text follows any more."""
        at = found.start()
        if found["tag"] or found["url"]:
            for tag in self._hidden.within(found[0]):
                self._tag(tag)
        elif self._is_raw and not found.groupdict().get("markup"):
            pass
        elif found["brace"] == "{":
            self._stack.append(_Open(at, self._blocks[-1]))
        elif found["brace"] == "|":
            self._divide(at)
        elif found["brace"] == "}":
            self._close(at)
        elif found["escape"]:
            self._escape(found["escape"], at)
        elif self._html and found["markup"]:
            self._stack.clear()
            return self._after_markup(at)
        return found.end()

    def _tag(self, tag: Tag) -> None:
        if tag.kind in ("raw", "endraw"):
            self._is_raw = tag.kind == "raw"
            self._stack.clear()
        if tag.kind != "block":
            return
        word = _WORD.search(tag.source)
        name = word[0] if word else ""
        ends = name.startswith("end") and name[3:] in _OPENERS
        if (ends or name in _MIDDLES) and len(self._blocks) > 1:
            self._is_open.discard(self._blocks.pop())
        if name in _OPENERS or name in _MIDDLES:
            self._last_block += 1
            self._blocks.append(self._last_block)
            self._is_open.add(self._last_block)

    def _of_this_block(self) -> _Open | None:
        """The innermost brace that is open here. Those of blocks that ended are text."""
        while self._stack and self._stack[-1].block not in self._is_open:
            self._stack.pop()
        innermost = self._stack[-1] if self._stack else None
        return innermost if innermost is not None and innermost.block == self._blocks[-1] else None

    def _divide(self, at: int) -> None:
        if innermost := self._of_this_block():
            innermost.divisions.append(at)

    def _escape(self, written: str, at: int) -> None:
        if written == r"\{":
            self._stack.append(_Open(at, self._blocks[-1], is_escaped=True))
        elif innermost := self._of_this_block():
            innermost.divisions.append(-at - 1)  # no division, but its stroke is dropped if this is a group

    def _close(self, at: int) -> None:
        innermost = self._of_this_block()
        if innermost is None:
            return
        self._stack.pop()
        levels = innermost.levels
        divisions = [place for place in innermost.divisions if place >= 0]
        if innermost.is_escaped:
            if divisions:
                self.places[innermost.at] = DROPPED
        elif divisions and self._is_group(innermost.at, at):
            levels += 1
            self._mark(innermost, divisions, at)
            self.groups.append(_Found(innermost.at, at, len(divisions) + 1, levels))
        if self._stack:
            self._stack[-1].levels = max(self._stack[-1].levels, levels)

    def _is_group(self, start: int, end: int) -> bool:
        if end - start <= MAX_OPTIONS and not self._hidden.text[start + 1 : end].replace("|", "").strip():
            return False  # nothing to choose from
        return not _FOREIGN.match(self._hidden.text, start + 1)

    def _mark(self, group: _Open, divisions: list[int], end: int) -> None:
        self.places[group.at], self.places[end] = OPENS, CLOSES
        for place in divisions:
            self.places[place] = DIVIDES
        for place in group.divisions:
            if place < 0:
                self.places[-place - 1] = DROPPED

    def _after_markup(self, at: int) -> int | None:
        """The end of the element's tag, comment or style sheet that begins at `at`. A `<` that begins none of them is
        passed with the word behind it: what is chosen must not make a tag of it."""
        text = self._hidden.text
        special = _COMMENT_OR_TEXT.match(text, at)
        if special:
            end = "-->" if special[1] is None else f"</{special[1].lower()}"
            closed = self._lower.find(end, special.end())
            return None if closed < 0 else closed + len(end)
        if _BEGINS_ELEMENT.match(text, at):
            element = _ELEMENT.match(text, at)
            return None if element is None else element.end()
        word = _AFTER_LESS_THAN.match(text, at + 1)
        return word.end() if word else at + 1


def _groups(found: list[_Found], hidden: HiddenTags, source: str, *, html: bool) -> list[Group]:
    """Raises scanning.Refused."""
    places = list(_places_in_source(hidden, [group.start for group in found]))
    for number, (group, start) in enumerate(zip(found, places, strict=True)):
        text = _("There are more than %(n)d groups of spintax.") % {"n": MAX_GROUPS}
        _refuse_if(number >= MAX_GROUPS, text, source, start)
        text = _("This group of spintax has more than %(n)d options.") % {"n": MAX_OPTIONS}
        _refuse_if(group.options > MAX_OPTIONS, text, source, start)
        text = _("Spintax is nested too deeply here. %(n)d levels are possible.") % {"n": MAX_LEVELS}
        _refuse_if(group.levels > MAX_LEVELS, text, source, start)
    # Equal groups are told apart by their number from the end: sending puts the preheader before all others.
    seen: Counter[str] = Counter()
    groups = []
    for group, start in zip(reversed(found), reversed(places), strict=True):
        words = _normal(hidden.show(hidden.text[group.start : group.end]), html=html)
        groups.append(Group(start, _key(words, seen[words]), group.options))
        seen[words] += 1
    return groups[::-1]


def _normal(written: str, *, html: bool) -> str:
    """The same in HTML and in the text part made from it."""
    return " ".join((html_module.unescape(written) if html else written).split())


def _key(words: str, occurrence: int) -> int:
    made = blake2b(f"{occurrence}\0{words}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(made.digest(), "big")


def _places_in_source(hidden: HiddenTags, places: list[int]) -> Iterator[int]:
    """Where these places of the text with hidden tags, in their order, are in the source."""
    shift, markers = 0, hidden.marker.finditer(hidden.text)
    marker = next(markers, None)
    for place in places:
        while marker is not None and marker.end() <= place:
            shift += len(hidden.tags[int(marker[1])].source) - (marker.end() - marker.start())
            marker = next(markers, None)
        yield place + shift


def _refuse_if(refused: bool, text: str, source: str, at: int) -> None:
    if refused:
        raise Refused(text, source, at)


def escaped(text: str, *, html: bool = False) -> str:
    """The text, which may have merge tags, so that none of it is spintax."""
    if "|" not in text:
        return text
    hidden = HiddenTags(text)
    places = _Scan(hidden, html=html).run().places
    begins = [at for at, kind in places.items() if kind == OPENS]
    begins += [at for at, kind in places.items() if kind == DROPPED and hidden.text[at + 1] == "{"]
    if not begins:
        return text
    letters = list(hidden.text)
    for at in begins:
        letters[at] = f"\\{letters[at]}"
    return hidden.show("".join(letters))


class Kept:
    """Keeps the groups of an HTML document through what makes another text of it. Only they are groups afterwards."""

    def __init__(self, hidden: HiddenTags):
        places = _Scan(hidden, html=True).run().places if "|" in hidden.text else {}
        written = ("{", "|", "}", r"\{", r"\|", r"\}")
        self._marks = dict(zip(written, hidden.unused(len(written)), strict=True))
        letters = list(hidden.text)
        for at, kind in places.items():
            if kind == DROPPED:
                letters[at], letters[at + 1] = "", self._marks[f"\\{letters[at + 1]}"]
            else:
                letters[at] = self._marks[letters[at]]
        self.text = "".join(letters)

    def show(self, text: str) -> str:
        """The text, whose merge tags are shown, with the groups in place of their marks."""
        back = {ord(mark): written for written, mark in self._marks.items()}
        return escaped(text).translate(back)
