"""Rows from a stored file, as a stream: memory does not grow with the file."""

from __future__ import annotations

import codecs
import csv
import io
import shutil
import tempfile
from collections.abc import Iterator

from contacts.imports import workbooks
from contacts.models import ContactImport, ImportPart

LONGEST_CELL = 100_000
csv.field_size_limit(LONGEST_CELL)


class _Parts(io.RawIOBase):
    """The parts of a file, fetched one by one, as one binary stream."""

    def __init__(self, contact_import: ContactImport, using: str):
        self._parts = ImportPart.objects.using(using).filter(contact_import=contact_import)
        self._n, self._left = 0, memoryview(b"")

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._left:
            part = self._parts.filter(n=self._n).values_list("data", flat=True).first()
            if part is None:
                return 0
            self._n, self._left = self._n + 1, memoryview(bytes(part))
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def rows(contact_import: ContactImport, using: str = "engine") -> Iterator[tuple[int, list[str] | csv.Error]]:
    """(number, cells) of each row that is not blank, counted from 1 without the header. A row that csv can't read
    comes as its error, and the next ones follow. Raises Unreadable where a workbook turns out to be damaged."""
    source = _sheet if contact_import.format == ContactImport.Format.XLSX else _csv
    number, skip = 0, contact_import.has_header
    for cells in source(contact_import, using):
        if isinstance(cells, list) and not any(cell.strip() for cell in cells):
            continue
        if skip:
            skip = False
            continue
        number += 1
        yield number, cells


def _csv(contact_import: ContactImport, using: str) -> Iterator[list[str] | csv.Error]:
    stream = io.BufferedReader(_Parts(contact_import, using), 1 << 18)
    text = codecs.getreader(contact_import.encoding)(stream, "replace")
    reader = csv.reader(_lines(text), delimiter=contact_import.delimiter)
    first = True
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield problem
            continue
        # Excel's own line for saying the delimiter.
        if not (first and cells and cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5):
            yield cells
        first = False


def _sheet(contact_import: ContactImport, using: str) -> Iterator[list[str]]:
    # A workbook is read from its end: its parts go to a file first.
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(_Parts(contact_import, using), file, 1 << 20)
        file.seek(0)
        yield from workbooks.rows(file, contact_import.sheet)


def _lines(text) -> Iterator[str]:
    """Lines with their ends: str.splitlines would also break at U+2028 and form feeds, which csv keeps in a cell."""
    rest, end = "", None
    while chunk := text.read(1 << 17, 1 << 17):
        rest += chunk
        if end is None:
            end = "\n" if "\n" in rest or "\r" not in rest else "\r"  # an old Mac's line ends
        *lines, rest = rest.split(end)
        for line in lines:
            yield line + "\n"
    if rest:
        yield rest
