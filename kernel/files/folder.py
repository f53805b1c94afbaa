"""A folder: on the machine's own disk, or one that several machines mount."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from kernel.files import names
from kernel.files.places import CHUNK, Entry
from kernel.files.problems import Missing, Problem, Unavailable, in_words


class FolderStorage(FileSystemStorage):
    """Files that only the user who runs Fanfare can read. A file has its name only when it is whole and on the disk."""

    is_network = False

    def __init__(self, location: str):
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)
        self.is_proven = False

    def describe(self) -> str:
        return f"the folder {self.location}"

    def problem_of(self, error: Exception) -> Problem | None:
        if isinstance(error, FileNotFoundError):
            return Missing("The file is not there.")
        return Unavailable(f"The folder can't be used: {in_words(error)}") if isinstance(error, OSError) else None

    def url(self, name: str | None) -> str:
        raise ValueError("Files have no address: views check who may read them.")

    def _save(self, name: str, content: File) -> str:
        final = Path(self.path(name))
        self._make_folders(final.parent)
        unfinished = final.with_name(final.name + names.UNFINISHED)
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
                for chunk in content.chunks(CHUNK):
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(final)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(final.parent)
        return name

    def write(self, name: str, data: bytes) -> None:
        self._save(name, ContentFile(data))

    def chunks(self, name: str) -> Iterator[bytes]:
        with Path(self.path(name)).open("rb") as file:
            while data := file.read(CHUNK):
                yield data

    def open_here(self, name: str) -> IO[bytes] | None:
        return Path(self.path(name)).open("rb")

    def entries(self, after: str = "") -> Iterator[Entry]:
        root = Path(self.location)
        for workspace in _names(root):
            for kind in _names(root / workspace):
                for file in _names(root / workspace / kind):
                    name = f"{workspace}/{kind}/{file}"
                    if name > after and names.workspace_of(name) is not None:
                        yield from _entry(root, name)

    def closed(self) -> list[str]:
        root = Path(self.location)
        return [path for name in _names(root) if (root / name).is_dir() for path in _closed(root, name)]

    def free_bytes(self) -> int | None:
        return shutil.disk_usage(self.location).free

    def abandon(self, before: datetime) -> int:
        return 0  # unfinished files are among the entries

    def _make_folders(self, folder: Path) -> None:
        """For the owner alone: of several new folders, os.makedirs gives the mode to the last one only."""
        missing = [parent for parent in [folder, *folder.parents] if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir(mode=0o700, exist_ok=True)
            _sync(parent.parent)


def _names(folder: Path) -> list[str]:
    """What is in a folder, in order; nothing if it is none."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _closed(root: Path, name: str) -> list[str]:
    """This folder or those in it, by their paths from the root. Also one that is immutable or on a read-only disk."""
    if not os.access(root / name, os.R_OK | os.W_OK | os.X_OK):
        return [name]
    kinds = [f"{name}/{kind}" for kind in _names(root / name) if (root / name / kind).is_dir()]
    return [path for path in kinds if not os.access(root / path, os.R_OK | os.W_OK | os.X_OK)]


def _entry(root: Path, name: str) -> Iterator[Entry]:
    try:
        modified = (root / name).lstat().st_mtime
    except FileNotFoundError:
        return  # it was deleted meanwhile
    yield Entry(name, datetime.fromtimestamp(modified, UTC))


def _sync(folder: Path) -> None:
    """A name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
