"""Where files are kept: what every kind of place can do, and which one is configured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages

from kernel.files.problems import Problem

ALIAS = "files"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """A file as the place lists it."""

    name: str
    modified: datetime


class Place(Protocol):
    """A storage of Django's with what Fanfare needs beside it. `problem_of` knows what its methods raise."""

    is_proven: bool
    is_network: bool

    def describe(self) -> str:
        """For the operator: where it is."""

    def problem_of(self, error: Exception) -> Problem | None:
        """What an error of this place means. None for one that is no error of it."""

    def save(self, name: str, content: File) -> str:
        """Write the whole file. Under its name there is never a part of it."""

    def write(self, name: str, data: bytes) -> None:
        """Write a small file, also over one that is there."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file's bytes."""

    def open_here(self, name: str) -> IO[bytes] | None:
        """The file itself if it is on a disk of this machine. None if it must be fetched."""

    def delete(self, name: str) -> None:
        """Delete a file. One that is not there is no error."""

    def entries(self, after: str = "") -> Iterator[Entry]:
        """All files of all workspaces whose name is greater than `after`, ordered by name."""

    def closed(self) -> list[str]:
        """The folders of workspaces in which this machine can't write or read. A bucket has none."""

    def free_bytes(self) -> int | None:
        """How much room is left. None where that isn't known."""

    def abandon(self, before: datetime) -> int:
        """Free what uploads that began before this moment have left behind. Returns how many there were."""


def is_on() -> bool:
    """Whether files are kept outside the database."""
    return ALIAS in settings.STORAGES


def place() -> Place:
    """The configured place. Raises InvalidStorageError if files are kept in the database."""
    return cast(Place, storages[ALIAS])
