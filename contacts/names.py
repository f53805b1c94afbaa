"""Several names in one line, as people write them: separated by commas, in quotation marks where one has a comma."""

from __future__ import annotations

import csv


def split(text: str) -> list[str]:
    """The names, each once, in order. A quotation mark that is never closed is a letter like others."""
    rows = csv.reader([text.replace("\0", "").replace("\r", " ").replace("\n", " ")], skipinitialspace=True)
    try:
        cells = next(rows, [])
    except csv.Error:
        cells = text.split(",")
    return list(dict.fromkeys(name for cell in cells if (name := " ".join(cell.split()))))


def join(names: list[str]) -> str:
    """The line that `split` reads back."""
    return ", ".join(quoted(name) for name in names)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "," in name or name.startswith('"') else name


def last_begun(text: str) -> tuple[str, str]:
    """(what stands before the name being typed, its beginning): "vip, sho" is ("vip, ", "sho")."""
    if text.count('"') % 2:  # within a name in quotation marks
        before, _, beginning = text.rpartition('"')
        return before, beginning
    before, comma, beginning = text.rpartition(",")
    return (f"{before}, " if comma else ""), beginning.strip()
