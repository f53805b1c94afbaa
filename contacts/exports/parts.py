"""A file in pieces of one megabyte in the database: written while it is made, read while it is downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from contacts.models import Export, ExportPart
from kernel.tenancy import scope

PART = 1024 * 1024


class Stopped(Exception):
    """The export is no longer wanted, or expired while it was made."""


class PartWriter:
    """A file to write to, from the beginning to the end. Each part is a short transaction of the web role, so that
    progress is seen while the rows are still being read."""

    def __init__(self, export: Export, total: int | None = None):
        self._export, self._total = export, total
        self._buffer, self._n = bytearray(), 0
        self.size = self.rows = 0

    def write(self, data) -> int:
        self._buffer += data
        while len(self._buffer) >= PART:
            self._store(bytes(self._buffer[:PART]))
            del self._buffer[:PART]
        return len(data)

    def flush(self) -> None:
        """What zipfile asks for; parts are written when they are full."""

    def finish(self) -> None:
        if self._buffer:
            self._store(bytes(self._buffer))
            self._buffer.clear()

    def _store(self, data: bytes) -> None:
        with scope(self._export.workspace_id):
            if not Export.objects.select_for_update().filter(pk=self._export.pk, state=Export.State.RUNNING).exists():
                raise Stopped
            ExportPart.objects.create(export=self._export, n=self._n, data=data)
            self._export.job.progress(self.rows, self._total)
        self._n += 1
        self.size += len(data)


def stream(export: Export) -> Iterator[bytes]:
    """The file's bytes. A response is streamed after the request's scope has ended, so each part has one of its own."""
    n = 0
    while True:
        with scope(export.workspace_id):
            part = ExportPart.objects.filter(export_id=export.pk, n=n).values_list("data", flat=True).first()
        if part is None:
            return
        yield bytes(part)
        n += 1
