"""Reads workbooks of Excel and LibreOffice. Dangerous files, and files that are no workbooks, are refused.

A workbook of a few kilobytes can cost minutes and gigabytes: it is read in a process of its own, with limits
(`workbook_process`). That one yields rows; what they mean is found out here.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from contacts.fields.values import Exact
from contacts.imports import format_inference, workbook_process
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import MAX_COLUMNS, Unreadable
from kernel import bounded_process
from kernel.bounded_process import Busy, Exceeded, Limits

MODULE = workbook_process.__name__
# For a page, which waits: what takes longer can be imported as CSV.
SAMPLE_LIMITS = Limits(memory=1 << 30, cpu=20, wall=40)
# For an import, whose worker writes rows meanwhile.
READ_LIMITS = Limits(memory=1 << 30, cpu=300, wall=900)
SAMPLE_ROWS = workbook_process.SAMPLE_ROWS
MAX_KEPT = 1_000_000  # characters of all sheets; then the first two rows of each


@dataclass
class SheetSample:
    """The first rows of a sheet, their numbers in it, and the format evidence of its columns."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    evidence: list[FormatEvidence] = field(default_factory=list)


def sheets(file: Any, workspace_id: int) -> tuple[str, dict[str, SheetSample]]:
    """(the ContactImport.Format, a sample of each sheet that has rows). Raises Unreadable."""
    found: dict[str, SheetSample] = {}
    kind, title, kept = "", "", 0
    try:
        with bounded_process.place_for(workspace_id), _real_file(file) as source:
            for message in _messages("sample", file=source, limits=SAMPLE_LIMITS):
                if "kind" in message:
                    kind = message["kind"]
                    continue
                if "sheet" in message:
                    title = message["sheet"]
                    continue
                cells = _cells(message["cells"])
                sample = found.setdefault(title, SheetSample())
                if len(sample.rows) < (SAMPLE_ROWS if kept < MAX_KEPT else 2):
                    sample.lines.append(message["row"])
                    sample.rows.append([cell[:200] for cell in cells])
                    kept += sum(map(len, sample.rows[-1]))
                format_inference.add(sample.evidence, cells)
    except Busy:
        raise Unreadable(_("Another workbook is being read at the moment. Try again in a minute.")) from None
    if not found:
        raise Unreadable(_("The workbook contains no rows. Check that you saved the right one."))
    return kind, found


def rows(file: Any, name: str) -> Iterator[list[str]]:
    """Each row of a sheet, also the blank ones. Raises Unreadable."""
    with _real_file(file) as source, closing(_messages("rows", name, file=source, limits=READ_LIMITS)) as messages:
        for message in messages:
            yield _cells(message)


def _messages(*arguments: str, file: IO[bytes], limits: Limits) -> Generator[Any]:
    with closing(bounded_process.messages(MODULE, *arguments, file=file, limits=limits)) as messages:
        try:
            for message in messages:
                if isinstance(message, dict) and "problem" in message:
                    raise _unreadable(message["problem"], message["n"], arguments[-1])
                yield message
        except Exceeded:
            raise _unreadable("too_large", 0, "") from None


def _cells(message: list) -> list[str]:
    return [cell if isinstance(cell, str) else Exact(cell[0]) for cell in message]


@contextmanager
def _real_file(file: Any) -> Iterator[IO[bytes]]:
    """The file as one that another process can read. Small uploads are only in memory."""
    try:
        file.fileno()
    except (AttributeError, io.UnsupportedOperation):
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy
    else:
        yield file


def _unreadable(problem: str, n: int, name: str) -> Unreadable:
    texts = {
        "damaged": _("The workbook is damaged. Open it in Excel, save it again and import it once more."),
        "archive": _("This is an archive, not an Excel workbook. Extract it and import the file inside."),
        "numbers": _("This is a file of Numbers. In Numbers, export it as CSV or Excel (File, Export To)."),
        "xlsb": _("This is a binary workbook (.xlsb). In Excel, save it as “Excel workbook (.xlsx)”."),
        "document": _("This is a text document. Copy its table into a spreadsheet and save it as .xlsx."),
        "macros": _("This workbook contains macros. Save it as “Excel workbook (.xlsx)” without them."),
        "password": _("This workbook is password-protected. Save it without a password."),
        "too_large": _(
            "This workbook is too large once extracted. Save the sheet as “CSV UTF-8” and import that file."
        ),
        "unreadable": _("The workbook can't be read. Open it in Excel, save it again and import it once more."),
        "no_sheet": _("The workbook has no sheet called “%(name)s”.") % {"name": name},
        "row_damaged": _("The sheet is damaged after row %(n)d. Save it again in Excel.") % {"n": n},
        "rows": _("The sheet has more rows than a workbook can have."),
        "columns": _("A row has more than %(n)d columns. Delete the ones you don't need.") % {"n": MAX_COLUMNS},
    }
    return Unreadable(texts[problem])
