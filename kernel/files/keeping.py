"""Put files into the place, read them, delete them. Each call may take seconds: never make one in a transaction."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.files import File
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from kernel.files import columns, marker, names
from kernel.files.places import CHUNK, Place, place
from kernel.files.problems import Damaged, Full, Problem, Unavailable, named

log = logging.getLogger("fanfare.files")


@dataclass(frozen=True)
class Kept:
    """A file that is whole: its row may say that it is ready. `sha256` is in hexadecimal."""

    workspace_id: int
    name: str
    size: int
    sha256: str


def put(workspace_id: int, kind: str, file: IO[bytes] | File) -> Kept:
    """Keep a file that can seek, and read it back to be sure. Raises Full or Damaged and leaves nothing; Unavailable.

    The caller writes a row that names the file. If its process dies before, the file is swept up a day later; so is one
    that has arrived in a place that was unavailable.
    """
    where = _proven()
    size, sha256 = _measure(_read(file))
    refuse_over_limit(workspace_id, size)
    kept = Kept(workspace_id, names.new(workspace_id, kind), size, sha256)
    try:
        file.seek(0)
        with named(where):
            where.save(kept.name, File(file, kept.name))
        for _chunk in chunks(kept):
            pass
    except Unavailable:
        raise  # to try to delete what may be there would let the caller wait for the same place once more
    except BaseException:
        discard(kept)
        raise
    return kept


def chunks(kept: Kept) -> Iterator[bytes]:
    """The file's bytes. Raises Missing, Unavailable, or Damaged before the last of them if they are not those that were
    put."""
    names.check(kept.name, kept.workspace_id)
    digest, size, last = hashlib.sha256(), 0, b""
    where = place()
    source = where.chunks(kept.name)
    while True:
        with named(where):
            chunk = next(source, b"")
        if not chunk:
            break
        digest.update(chunk)
        size += len(chunk)
        if last:
            yield last
        last = chunk
    if (size, digest.hexdigest()) != (kept.size, kept.sha256):
        raise Damaged(f"{kept.name} has {size} bytes that are not the {kept.size} of its row.")
    if last:
        yield last


@contextmanager
def opened(kept: Kept) -> Iterator[IO[bytes]]:
    """The file, to read and to seek in: the one in the folder, or a copy of the one in the bucket. Raises Missing,
    Unavailable or Damaged."""
    names.check(kept.name, kept.workspace_id)
    where = place()
    with named(where):
        here = where.open_here(kept.name)
    with here or tempfile.TemporaryFile() as file:
        if here is None:
            for chunk in chunks(kept):
                file.write(chunk)
        if file.seek(0, 2) != kept.size:
            raise Damaged(f"{kept.name} has not the {kept.size} bytes of its row.")
        file.seek(0)
        yield file


def delete(workspace_id: int, name: str) -> None:
    """Delete a file. One that is gone is no error. Raises Unavailable."""
    names.check(name, workspace_id)
    where = _proven()
    with named(where):
        where.delete(name)


def discard(kept: Kept | None) -> None:
    """Delete a file that no row names after all. If that fails, it is swept up."""
    if kept is None:
        return
    try:
        delete(kept.workspace_id, kept.name)
    except Problem as problem:
        log.warning("%s could not be deleted now: %s", kept.name, problem)


@contextmanager
def discarded_on_failure(kept: Kept | None) -> Iterator[None]:
    """In it, the row that names the file is written and committed. Where the database goes away, the row may be there:
    then the file stays, and is swept up unless a row names it."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        discard(kept)
        raise


def refuse_over_limit(workspace_id: int, size: int) -> None:
    """Raises Full if the workspace has no room for so many bytes."""
    limit = settings.FILES_WORKSPACE_MB * 1024 * 1024
    if columns.used_bytes(workspace_id) + size > limit:
        raise Full(
            _("This workspace's files would take up more than %(most)d MB. Delete exports or uploads first.")
            % {"most": settings.FILES_WORKSPACE_MB}
        )


def _proven() -> Place:
    where = place()
    marker.prove(where)
    return where


def _read(file: IO[bytes] | File) -> Iterator[bytes]:
    file.seek(0)
    while data := file.read(CHUNK):
        yield data


def _measure(data: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for chunk in data:
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
