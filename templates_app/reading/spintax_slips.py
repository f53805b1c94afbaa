"""Braces and strokes that look like spintax and are none, so that readers see them."""

from __future__ import annotations

import re

from templates_app.merging.hiding import HiddenTags

MAX_SHOWN = 40
_TOKEN = re.compile(r"https?://\S+|\\[{|}]|[{|}]")
# What other products write with a stroke in single braces: told as merge tags of theirs.
_FOREIGN = re.compile(r"\{\s*(?:[$!]|[\w.]+=|subtag:)")


def slips(text: str) -> list[str]:
    """The groups of a piece of text that have no end, or no beginning, each from its brace on, or up to it."""
    hidden = HiddenTags(text)
    found: list[str] = []
    opened: list[tuple[int, bool]] = []  # where a brace opens, and whether a stroke follows in it
    stray = -1  # the first stroke outside of braces since the last group
    for token in _TOKEN.finditer(hidden.text):
        at = token.start()
        if token[0] == "{":
            opened.append((at, False))
        elif token[0] == "|" and opened:
            opened[-1] = (opened[-1][0], True)
        elif token[0] == "|" and stray < 0:
            stray = at
        elif token[0] == "}" and opened:
            opened.pop()
        elif token[0] == "}" and stray >= 0:
            found.append(hidden.show(hidden.text[max(0, at - MAX_SHOWN) : at + 1]))
            stray = -1
    for at, is_divided in opened:
        if is_divided and not _FOREIGN.match(hidden.text, at):
            found.append(hidden.show(hidden.text[at : at + MAX_SHOWN]))
    return [" ".join(one.split()) for one in found]
