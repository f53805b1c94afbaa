"""Several names in one line, as people write them: separated by commas, in quotation marks where one has a comma.

Files, whose programs separate them by other signs, too, are read with `also`. So that one line means the same to all,
a name with any of these signs is written in quotation marks.
"""

from __future__ import annotations

import csv
import re

ALSO = ";|"
_SIGNS = re.compile(f"[,{ALSO}]")
# A name in quotation marks, at the place of a whole one; or a sign that no quotation marks enclose.
_QUOTED_OR_SIGN = re.compile(rf'(?:^|(?<=[,{ALSO}]))\s*"(?:[^"]|"")*"|[{ALSO}]')


def split(text: str, *, also: bool = False) -> list[str]:
    """The names, each once, in order. Within a name, or never closed, a quotation mark separates nothing."""
    text = text.replace("\0", "")
    if also:
        text = _QUOTED_OR_SIGN.sub(lambda found: "," if found[0] in ALSO else found[0], text)
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
    return '"' + name.replace('"', '""') + '"' if _SIGNS.search(name) or name.startswith('"') else name


def last_begun(text: str) -> tuple[str, str]:
    """(what stands before the name being typed, its beginning): "vip, sho" is ("vip, ", "sho")."""
    if text.count('"') % 2:  # within a name in quotation marks
        before, _, beginning = text.rpartition('"')
        return before, beginning
    before, comma, beginning = text.rpartition(",")
    return (f"{before}, " if comma else ""), beginning.strip()
