"""Several names in one line: separated by commas; a name that contains a comma is in quotation marks.

Files are read with `any_separator`, because some programs use other separators. A name that contains any separator is
written in quotation marks, so that a line has the same meaning everywhere.
"""

from __future__ import annotations

import csv
import json
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


def read(text: str) -> list[str]:
    """The names in the cell of a file: as of `split` with any separator, as a JSON array, or as Google Contacts writes
    them (“Clients ::: * myContacts”)."""
    text = text.strip()
    if text[:1] in "[{" and text[-1:] in "]}" and (names := _array(text)) is not None:
        return list(dict.fromkeys(name for one in names if (name := " ".join(one.replace("\0", "").split()))))
    if ":::" in text or "*" in text:
        bare = (_bare(name) for part in text.split(" ::: ") for name in split(part, any_separator=True))
        return list(dict.fromkeys(name for name in bare if name))
    return split(text, any_separator=True)


def _array(text: str) -> list[str] | None:
    """The names of a JSON array, of Python's notation of a list, or of PostgreSQL's of an array; else None."""
    if text.startswith("{"):
        return split(text[1:-1]) if ":" not in text else None
    for notation in (text, text.replace("'", '"')):
        try:
            names = json.loads(notation)
        except (ValueError, RecursionError):
            continue
        if isinstance(names, list):
            return [str(name) for name in names if isinstance(name, str | int | float)]
    return None


def _bare(name: str) -> str:
    """The name without the asterisk with which Google marks its own groups."""
    return name.removeprefix("* ").strip()


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
