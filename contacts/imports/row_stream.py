"""Reads the rows of a stored file as a stream: memory does not grow with the file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

from contacts.imports import encodings, records, stored_file, workbooks
from contacts.imports.delimited import Cells, Reader, Stream, TextFormat, Texts
from contacts.models import ContactImport


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
    with stored_file.opened(contact_import, using) as stream:
        yield from Reader(_texts(contact_import, stream), text_format(contact_import))


def _records(contact_import: ContactImport, using: str) -> Iterator[tuple[int, Cells]]:
    columns = (contact_import.preview or {}).get("columns", [])
    with stored_file.opened(contact_import, using) as stream:
        for number, cells in records.rows(_texts(contact_import, stream), contact_import.format, columns):
            if any(cells):
                yield number, cells


def _texts(contact_import: ContactImport, stream: Stream) -> Texts:
    return Texts(stream, contact_import.encoding, encodings.legacy_of(contact_import.workspace.country))


def _sheet(contact_import: ContactImport, using: str) -> Iterator[tuple[int, Cells]]:
    # A ZIP archive is read from its end, so parts are first copied to a file.
    with stored_file.opened(contact_import, using) as stream, tempfile.TemporaryFile() as copy:
        if not stream.seekable():
            shutil.copyfileobj(stream, copy, 1 << 20)
            copy.seek(0)
        yield from enumerate(workbooks.rows(stream if stream.seekable() else copy, contact_import.sheet), 1)
