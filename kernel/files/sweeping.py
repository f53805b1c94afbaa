"""Delete what no row names: files whose process died before it wrote the row, or whose deletion failed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby, islice

from django.utils import timezone

from kernel.files import columns, marker, names
from kernel.files.places import Entry, place
from kernel.files.problems import named

MIN_AGE = timedelta(days=1)  # far more than any upload takes: its row comes after the file
BATCH = 1000


def sweep(*, after: str = "", budget: float = 200.0) -> str | None:
    """Go through the files after this name until the budget in seconds is used up. Returns the name to continue with,
    or None at the end. Raises Unavailable."""
    deadline = time.monotonic() + budget
    where = place()
    marker.prove(where)
    before = timezone.now() - MIN_AGE
    with named(where):
        if not after:
            where.abandon(before)
        for entries in _batches(where.entries(after)):
            old = [entry.name for entry in entries if entry.modified < before]
            for name in _orphans(old):
                where.delete(name)
            if time.monotonic() > deadline:
                return entries[-1].name
    return None


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """At most 1,000 files of one workspace each."""
    for _workspace, files in groupby(entries, key=lambda entry: names.workspace_of(entry.name)):
        while batch := list(islice(files, BATCH)):
            yield batch


def _orphans(files: list[str]) -> list[str]:
    workspace_id = names.workspace_of(files[0]) if files else None
    if workspace_id is None:
        return []
    kept = columns.named(workspace_id, files)
    return [name for name in files if name not in kept]
