"""Reads the rows of a stored file as a stream: memory does not grow with the file."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from contacts.imports import encodings, records, workbooks
from contacts.imports.delimited import Cells, Reader, TextFormat, Texts
from contacts.models import ContactImport, ImportPart

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


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


def stream_of(contact_import: ContactImport, using: str = "default") -> io.BufferedReader:
    """The stored file, read from its beginning. It can't seek."""
    return io.BufferedReader(_Parts(contact_import, using), 1 << 18)


def texts_of(contact_import: ContactImport, using: str = "default") -> Texts:
    """The text of the stored file in pieces."""
    fallback = encodings.legacy_of(contact_import.workspace.country)
    return Texts(stream_of(contact_import, using), contact_import.encoding, fallback)


def text_format(contact_import: ContactImport) -> TextFormat:
    """How the rows of a text file are written."""
    return TextFormat(contact_import.delimiter, contact_import.multiline_cells, contact_import.backslash_escapes)


def rows(contact_import: ContactImport, using: str = "engine") -> Iterator[tuple[int, Cells]]:
    """(line, cells) of each row that is not blank, without the header. `line` is where the row begins in the file, as a
    spreadsheet numbers it: the header counts, and so do blank lines; records of JSON and of lists are counted.
    For a row that can't be read, the cells are an UnreadableRow, and the next rows follow. Raises Unreadable if a
    workbook turns out to be damaged."""
    if contact_import.format in records.READERS:
        yield from _records(contact_import, using)
        return
    source = _sheet if contact_import.format in ContactImport.WORKBOOKS else _csv
    skip = contact_import.has_header
    above = contact_import.skip_lines
    for line, cells in source(contact_import, using):
        if line <= above or (isinstance(cells, list) and not "".join(cells).strip()):
            continue
        if skip:
            skip = False
            continue
        yield line, cells


def _csv(contact_import: ContactImport, using: str) -> Iterator[tuple[int, Cells]]:
    yield from Reader(texts_of(contact_import, using), text_format(contact_import))


def _records(contact_import: ContactImport, using: str) -> Iterator[tuple[int, Cells]]:
    columns = (contact_import.preview or {}).get("columns", [])
    for number, cells in records.rows(texts_of(contact_import, using), contact_import.format, columns):
        if any(cells):
            yield number, cells


def _sheet(contact_import: ContactImport, using: str) -> Iterator[tuple[int, Cells]]:
    # A ZIP archive is read from its end, so the parts are first copied to a file.
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(_Parts(contact_import, using), file, 1 << 20)
        file.seek(0)
        yield from enumerate(workbooks.rows(file, contact_import.sheet), 1)
