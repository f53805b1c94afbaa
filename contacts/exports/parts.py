"""Stores a file in the database in parts of one megabyte: written during the export, read during the download."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Job
from contacts.models import Export, ExportPart
from kernel.tenancy import scope

PART = 1024 * 1024


class Stopped(Exception):
    """Raised when the export is no longer wanted, or expired while it was running."""


def job_of(export: Export) -> Job:
    """The job of an export."""
    if export.job is None:
        raise ValueError(f"Export {export.pk} has no job.")
    return export.job


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
            if not Export.objects.select_for_update().filter(pk=self._export.pk, state=Export.State.RUNNING).exists():
                raise Stopped
            ExportPart.objects.create(export=self._export, n=self._n, data=data)
            job_of(self._export).progress(self.rows, self._total)
        self._n += 1
        self.size += len(data)


def stream(export: Export) -> Iterator[bytes]:
    """The file's bytes. A response is streamed after the request's scope has ended, so each part opens its own one."""
    n = 0
    while True:
        with scope(export.workspace_id):
            part = ExportPart.objects.filter(export_id=export.pk, n=n).values_list("data", flat=True).first()
        if part is None:
            return
        yield bytes(part)
        n += 1
