"""Stores a file in the database in parts of one megabyte: written during the export, read during the download. So it is
where no place for files is configured (`kernel.files`)."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Job
from contacts.models import Export, ExportPart
from kernel.files import keeping
from kernel.files.keeping import Kept
from kernel.tenancy import scope

PART = 1024 * 1024


class Stopped(Exception):
    """Raised when the export is no longer wanted, or expired while it was running."""


def job_of(export: Export) -> Job:
    """The job of an export."""
    if export.job is None:
        raise ValueError(f"Export {export.pk} has no job.")
    return export.job


def check_wanted(export: Export, rows: int, total: int | None) -> None:
    """Show the progress. Raises Stopped unless the export is still to be made."""
    with scope(export.workspace_id):
        _lock(export)
        job_of(export).progress(rows, total)


def _lock(export: Export) -> None:
    if not Export.objects.select_for_update().filter(pk=export.pk, state=Export.State.RUNNING).exists():
        raise Stopped


class PartWriter:
    """A file to write to sequentially. Each part is a short transaction of the web role, so that the page shows the
    progress while the rows are still being read. `total` is the expected number of rows, None if it is not known."""

    def __init__(self, export: Export, total: int | None = None):
        self._export, self._total = export, total
        self._buffer, self._n = bytearray(), 0
        self.size = self.rows = 0

    def write(self, data: bytes) -> int:
        """Add bytes, and store each full part. Raises Stopped."""
        self._buffer += data
        while len(self._buffer) >= PART:
            self._store(bytes(self._buffer[:PART]))
            del self._buffer[:PART]
        return len(data)

    def flush(self) -> None:
        """Do nothing: zipfile calls it, but parts are stored when they are full."""

    def finish(self) -> None:
        """Store the last part. Raises Stopped."""
        if self._buffer:
            self._store(bytes(self._buffer))
            self._buffer.clear()

    def _store(self, data: bytes) -> None:
        with scope(self._export.workspace_id):
            _lock(self._export)
            ExportPart.objects.create(export=self._export, n=self._n, data=data)
            job_of(self._export).progress(self.rows, self._total)
        self._n += 1
        self.size += len(data)

    def keep(self) -> None:
        """Do nothing: the parts are there already."""


def stream(export: Export) -> Iterator[bytes]:
    """The file's bytes, wherever they are. A response is streamed after the request's scope has ended: no transaction
    is open while a kept file is fetched, and each part of one in the database opens its own scope.

    Raises kernel.files.problems.Problem, before the last bytes: the visitor's browser sees that the file is not whole.
    """
    if export.file:
        yield from keeping.chunks(Kept(export.workspace_id, export.file, export.size, export.sha256))
        return
    n = 0
    while True:
        with scope(export.workspace_id):
            part = ExportPart.objects.filter(export_id=export.pk, n=n).values_list("data", flat=True).first()
        if part is None:
            return
        yield bytes(part)
        n += 1
