"""Several names in one line: separated by commas; a name that contains a comma is in quotation marks.

Files are read with `any_separator`, because some programs use other separators. A name that contains any separator is
written in quotation marks, so that a line has the same meaning everywhere.
"""

from __future__ import annotations

import csv
import re

OTHER_SEPARATORS = ";|"
_SEPARATORS = re.compile(f"[,{OTHER_SEPARATORS}]")
# A whole name in quotation marks, or a separator outside of quotation marks.
_QUOTED_OR_SEPARATOR = re.compile(rf'(?:^|(?<=[,{OTHER_SEPARATORS}]))\s*"(?:[^"]|"")*"|[{OTHER_SEPARATORS}]')


def split(text: str, *, any_separator: bool = False) -> list[str]:
    """The names in order, without duplicates. A quotation mark inside a name, or one that is never closed, is an
    ordinary character."""
    text = text.replace("\0", "")
    if any_separator:
        text = _QUOTED_OR_SEPARATOR.sub(lambda found: "," if found[0] in OTHER_SEPARATORS else found[0], text)
    cells = _cells(text) if '"' in text else text.split(",")
    return list(dict.fromkeys(name for cell in cells if (name := " ".join(cell.split()))))


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text.replace("\r", " ").replace("\n", " ")], skipinitialspace=True), [])
    except csv.Error:
        return text.split(",")


def join(names: list[str]) -> str:
    """The line that `split` reads back."""
    return ", ".join(quoted(name) for name in names)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if _SEPARATORS.search(name) or name.startswith('"') else name


def last_begun(text: str) -> tuple[str, str]:
    """(the text before the name that is being typed, the beginning of that name): ("vip, ", "sho") for "vip, sho"."""
    if text.count('"') % 2:  # inside a name in quotation marks
        before, _, beginning = text.rpartition('"')
        return before, beginning
    before, comma, beginning = text.rpartition(",")
    return (f"{before}, " if comma else ""), beginning.strip()
