"""Reads addresses that stand side by side, as in a mail's "To": Ann <ann@a.example>, bob@b.example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contacts.imports.delimited import lines

COLUMN = "Email"
_ADDRESS = re.compile(r"[^\s@<>,;|]+@[^\s@<>,;|]+")
_TOKEN = re.compile(r'(?:"[^"]*"|<[^>]*>|[^,;\t|"<])+|["<]')


def looks_like_one(rows: list[list[str]]) -> bool:
    """Whether a file with these rows is such a list: nothing but addresses, and more of them than rows. Rows of equally
    many addresses are a table."""
    cells = [[cell for cell in row if cell.strip()] for row in rows]
    if len(cells) > 1 and len(cells[0]) == 1 and "@" not in cells[0][0]:
        del cells[0]  # a heading
    widths = {len(row) for row in cells}
    if len(cells) > 1 and len(widths) == 1 and widths != {1}:
        return False
    texts = [cell for row in cells for cell in row]
    return all("@" in text for text in texts) and sum(len(_ADDRESS.findall(text)) for text in texts) > len(cells)


def records(pieces: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(number of the address, what is written: the address, perhaps with a name). What is no address is given too."""
    number = 0
    for text in lines(pieces):
        if number == 0 and text.strip() and "@" not in text:
            continue  # a heading
        for written in _written(text):
            number += 1
            yield number, {COLUMN: written}


def _written(text: str) -> Iterator[str]:
    """The addresses of a line. A name with a comma before its address, Ex, Ann <ann@a.example>, is one with it."""
    before = ""
    for token in _TOKEN.findall(text):
        part = token.strip()
        if not part:
            continue
        if "@" not in part:
            before = f"{before}, {part}" if before else part
            continue
        addresses = _ADDRESS.findall(part)
        if before and "<" not in part:
            yield before
            before = ""
        if len(addresses) > 1 and "<" not in part:
            yield from addresses
        else:
            yield f"{before}, {part}" if before else part
        before = ""
    if before:
        yield before
