"""Reads the rows of a stored file as a stream: memory does not grow with the file."""

from __future__ import annotations

import codecs
import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from contacts.imports import workbooks
from contacts.imports.limits import MAX_COLUMNS, Unreadable
from contacts.models import ContactImport, ImportPart

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_CELL_LENGTH = 100_000
MAX_LINE_LENGTH = 4_000_000  # characters; longer ones would be put together again and again
csv.field_size_limit(MAX_CELL_LENGTH)


class _Parts(io.RawIOBase):
    """The parts of a file as one binary stream. They are fetched one by one."""

    def __init__(self, contact_import: ContactImport, using: str):
        self._parts = ImportPart.objects.using(using).filter(contact_import=contact_import)
        self._n, self._left = 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._left:
            part = self._parts.filter(n=self._n).values_list("data", flat=True).first()
            if part is None:
                return 0
            self._n, self._left = self._n + 1, memoryview(bytes(part))
        target = memoryview(buffer)
        size = min(len(target), len(self._left))
        target[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def rows(contact_import: ContactImport, using: str = "engine") -> Iterator[tuple[int, list[str] | csv.Error]]:
    """(number, cells) of each row that is not blank, numbered from 1 without the header. For a row that csv can't read,
    the cells are its error, and the next rows follow. Raises Unreadable if a workbook turns out to be damaged."""
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
        if len(cells) > MAX_COLUMNS:
            yield csv.Error("too many columns")
        # Excel's first line "sep=;", which gives the delimiter.
        elif not (first and cells and cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5):
            yield cells
        first = False


def _sheet(contact_import: ContactImport, using: str) -> Iterator[list[str]]:
    # A ZIP archive is read from its end, so the parts are first copied to a file.
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(_Parts(contact_import, using), file, 1 << 20)
        file.seek(0)
        yield from workbooks.rows(file, contact_import.sheet)


def _lines(text: codecs.StreamReader) -> Iterator[str]:
    """Lines with their ends. Not str.splitlines, which also breaks at U+2028 and form feeds: csv keeps these in a
    cell."""
    rest, end = "", None
    while chunk := text.read(1 << 17, 1 << 17):
        rest += chunk
        if end is None:
            end = "\n" if "\n" in rest or "\r" not in rest else "\r"  # line ends of old Macs
        *lines, rest = rest.split(end)
        for line in lines:
            yield line + "\n"
        if len(rest) > MAX_LINE_LENGTH:
            raise Unreadable(_("A row of the file is far too long for a CSV file. A quotation mark may be missing."))
    if rest:
        yield rest
