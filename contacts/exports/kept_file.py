"""Writes an export to a file that is kept outside the database (`kernel.files`): to a temporary file first, so that
what is kept is whole, and nobody waits for another server in a transaction."""

from __future__ import annotations

import tempfile

from contacts.exports.parts import PART, check_wanted
from contacts.models import Export
from kernel.files import keeping
from kernel.files.keeping import Kept

KIND = "exports"


class KeptWriter:
    """A file to write to sequentially, like `parts.PartWriter`; `keep` makes it ready."""

    def __init__(self, export: Export, total: int | None = None):
        self._export, self._total = export, total
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `keep`)
        self._checked = 0
        self.size = self.rows = 0

    def write(self, data: bytes) -> int:
        """Add bytes; with each megabyte, show the progress. Raises Stopped."""
        self._file.write(data)
        self.size += len(data)
        if self.size - self._checked >= PART:
            self.finish()
        return len(data)

    def flush(self) -> None:
        """Do nothing: zipfile calls it."""

    def finish(self) -> None:
        """Raises Stopped."""
        check_wanted(self._export, self.rows, self._total)
        self._checked = self.size

    def keep(self) -> Kept:
        """Keep the whole file. Raises kernel.files.problems.Problem. Never call it in a transaction."""
        with self._file as file:
            return keeping.put(self._export.workspace_id, KIND, file)
