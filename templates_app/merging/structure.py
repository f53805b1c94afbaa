"""What is wrong with a text's merge tags, each with its place, in the words of whoever writes it.

The merge library stops at the first mistake, says in English what its parser expected, and often not where. So where it
refuses a text, the tags are looked at one by one: whether blocks have their ends, and whether the library reads each
tag alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import LiquidError

from templates_app.merging import scanning
from templates_app.merging.hiding import HiddenTags, Tag

BLOCKS = {"if": "endif", "unless": "endunless", "case": "endcase", "for": "endfor", "capture": "endcapture"}
_MIDDLES = {"else": ("if", "unless", "case", "for"), "elsif": ("if", "unless"), "when": ("case",)}
_ENDS = {end: begin for begin, end in BLOCKS.items()}
_NAME = re.compile(r"\{%-?\s*([\w#]+)")
_KNOWN = sorted({*BLOCKS, *_ENDS, *_MIDDLES, "assign", "echo", "cycle", "break", "continue", "raw", "comment"})
MAX_PROBLEMS = 50
MAX_SHOWN = 60  # characters of a tag in a sentence


@dataclass(frozen=True)
class Problem:
    start: int  # in the source
    text: str


def line_of(source: str, start: int) -> tuple[int, int]:
    """(line, column) of a place, both from 1."""
    before = source.rfind("\n", 0, start) + 1
    return source.count("\n", 0, start) + 1, start - before + 1


def close_to(name: str, names: Collection[str]) -> str:
    """The one of these names that somebody may have meant; empty where none is close."""
    return next(iter(difflib.get_close_matches(name[:MAX_SHOWN], list(names), 1, 0.6)), "")


def problems(source: str, environment: Environment) -> list[Problem]:
    """What is wrong, by place. For a text in which each tag has its end (scanning.refuse_costly)."""
    tags = [tag for tag in HiddenTags(source).tags if tag.kind in ("output", "block")]
    found = [*_blocks(source, tags), *_alone(tags, environment)]
    return sorted(found, key=lambda problem: problem.start)[:MAX_PROBLEMS]


def _blocks(source: str, tags: list[Tag]) -> list[Problem]:
    """Blocks without their end, and ends and branches without their block."""
    found: list[Problem] = []
    open_blocks: list[tuple[str, Tag]] = []
    for tag in tags:
        name = _name(tag)
        if name in BLOCKS:
            open_blocks.append((name, tag))
        elif name in _ENDS:
            _end(name, tag, open_blocks, found, source)
        elif name in _MIDDLES and (not open_blocks or open_blocks[-1][0] not in _MIDDLES[name]):
            text = _("“%(tag)s” stands in no “%(begin)s”.")
            found.append(Problem(tag.start, text % {"tag": _short(tag), "begin": f"{{% {_MIDDLES[name][0]} %}}"}))
    return found + [_without_end(name, tag) for name, tag in open_blocks]


def _end(name: str, tag: Tag, open_blocks: list[tuple[str, Tag]], found: list[Problem], source: str) -> None:
    begin = _ENDS[name]
    if open_blocks and open_blocks[-1][0] == begin:
        open_blocks.pop()
    elif any(other == begin for other, _tag in open_blocks[-20:]):
        while open_blocks[-1][0] != begin:
            found.append(_without_end(*open_blocks.pop()))
        open_blocks.pop()
    else:
        text = _("“%(tag)s” ends nothing: there is no “%(begin)s” before it.")
        found.append(Problem(tag.start, text % {"tag": _short(tag), "begin": f"{{% {begin} %}}"}))


def _without_end(name: str, tag: Tag) -> Problem:
    text = _("“%(tag)s” has no end. Write “%(end)s” where it ends.")
    return Problem(tag.start, text % {"tag": _short(tag), "end": f"{{% {BLOCKS[name]} %}}"})


def _alone(tags: list[Tag], environment: Environment) -> list[Problem]:
    """Tags that the library can't read even alone. Equal ones are read once."""
    known: dict[str, str] = {}
    found = []
    for tag in tags:
        if tag.source not in known:
            known[tag.source] = _wrong_with(tag, environment)
        if known[tag.source]:
            found.append(Problem(tag.start, known[tag.source]))
        if len(found) >= MAX_PROBLEMS:
            break
    return found


def _wrong_with(tag: Tag, environment: Environment) -> str:
    """A sentence, or "" where the tag can be read."""
    name = _name(tag)
    if tag.kind == "block":
        if name in _ENDS or name == "else":
            return ""
        if name not in _KNOWN and name != "#":
            return _unknown_tag(name, tag)
    try:
        environment.from_string(_completed(tag, name))
    except LiquidError as problem:
        return _unreadable(tag, str(problem.message or ""))
    except RecursionError:
        return _unreadable(tag, "")
    return ""


def _completed(tag: Tag, name: str) -> str:
    """The tag as a whole text that the library reads."""
    if name in BLOCKS:
        return f"{tag.source}{{% {BLOCKS[name]} %}}"
    if name == "elsif":
        return f"{{% if a %}}{tag.source}{{% endif %}}"
    if name == "when":
        return f"{{% case a %}}{tag.source}{{% endcase %}}"
    return tag.source


def _unknown_tag(name: str, tag: Tag) -> str:
    if not name:
        return _("“%(tag)s” has no name.") % {"tag": _short(tag)}
    meant = close_to(name, _KNOWN)
    if meant:
        return _("There is no tag “%(name)s”. Did you mean “%(meant)s”?") % {"name": name[:MAX_SHOWN], "meant": meant}
    return _("There is no tag “%(name)s” in messages.") % {"name": name[:MAX_SHOWN]}


def _unreadable(tag: Tag, said: str) -> str:
    sentence = _("“%(tag)s” can't be read.") % {"tag": _short(tag)}
    hint = next((hint() for fits, hint in _HINTS if fits(tag.source, said)), "")
    return f"{sentence} {hint}" if hint else sentence


_Fits = Callable[[str, str], bool]
_HINTS: list[tuple[_Fits, Callable[[], str]]] = [
    (lambda tag, said: bool(re.search("[“”„«»‘’]", tag)), lambda: _("Write straight quotation marks: \" or '.")),
    (lambda tag, said: re.sub(r"[\s{}%-]", "", tag) == "", lambda: _("It is empty.")),
    (lambda tag, said: said == "missing expression", lambda: _("Something is missing behind its name.")),
    (lambda tag, said: "&&" in tag or "dpipe" in said, lambda: _("Write “and” or “or” in words.")),
    (lambda tag, said: "'='" in said and "{%" in tag, lambda: _("To compare, write ==; to set a name, write one =.")),
    (lambda tag, said: "parentheses" in said, lambda: _("Conditions have no parentheses.")),
    (
        lambda tag, said: 'unexpected "\'"' in said or "unexpected '\"'" in said,
        lambda: _("A quotation mark is missing."),
    ),
    (lambda tag, said: bool(scanning.SPINTAX.match(tag)), lambda: str(scanning.SPACE_NEEDED)),
    (lambda tag, said: "found word" in said, lambda: _("A name has no spaces, and “|” stands before each filter.")),
    (lambda tag, said: "expected word" in said, lambda: _("A filter is missing behind “|”.")),
    (lambda tag, said: "expected in" in said, lambda: _("Write it like this: {% for item in items %}.")),
    (lambda tag, said: "primitive expression" in said, lambda: _("A value is missing.")),
]


def _name(tag: Tag) -> str:
    found = _NAME.match(tag.source)
    return found[1] if tag.kind == "block" and found else ""


def _short(tag: Tag) -> str:
    text = " ".join(tag.source.split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
