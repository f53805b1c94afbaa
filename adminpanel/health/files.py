"""Where files are kept: that this machine sees the place of the others, and can write, read and delete there."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from adminpanel.health.findings import Finding
from kernel.files import marker, places
from kernel.files.places import Place
from kernel.files.problems import Problem, named

NAME = "files"
PROBE = "fanfare-probe-"
FOLDER_TODO = "Let the user that runs Fanfare write in the folder of FILES_URL. Several machines need a shared one."
SPACE_TODO = "Free space on the disk of FILES_URL, or move the files to a larger one."
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
LEAST_FREE = 1024**3  # bytes, so that the operator knows before uploads and exports fail
BUCKET_TODO = (
    "Check FILES_URL, FILES_ENDPOINT and FILES_KEY, and that the key may list objects and multipart uploads, and get, "
    "put and delete objects."
)
SHOWN = 5  # folders
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def kept() -> Iterator[Finding]:
    """Wherever they are."""
    if not places.is_on():
        yield Finding(NAME, True, "in the database. FILES_URL can name a folder or a bucket")
        return
    place = places.place()
    try:
        marker.prove(place)
        _try(place)
    except Problem as problem:
        yield Finding(NAME, False, str(problem), _todo(place, problem))
    else:
        yield _room(place)


def kept_here() -> Iterator[Finding]:
    """Unless another server would be asked: in the database, or in a folder of this machine or one that it mounts."""
    if not (places.is_on() and places.place().is_network):
        yield from kept()


def _todo(place: Place, problem: Problem) -> str:
    if place.is_network:
        return BUCKET_TODO
    cause = problem.__cause__
    return SPACE_TODO if isinstance(cause, OSError) and cause.errno in NO_SPACE else FOLDER_TODO


def _room(place: Place) -> Finding:
    """Of a place that works at its root: whether the workspaces' folders do, and how long there will be room."""
    if closed := place.closed():
        shown = ", ".join(closed[:SHOWN]) + ("…" if len(closed) > SHOWN else "")
        return Finding(NAME, False, f"{place.describe()}: this user can't write in {shown}", FOLDER_TODO)
    free = place.free_bytes()
    if free is not None and free < LEAST_FREE:
        return Finding(NAME, False, f"{place.describe()}: only {free // 1024**2} MB are free", SPACE_TODO)
    return Finding(NAME, True, place.describe())


def _try(place: Place) -> None:
    """Write, read, list and delete. Raises a Problem."""
    name, data = PROBE + secrets.token_hex(8), secrets.token_bytes(1000)
    with named(place):
        place.write(name, data)
        try:
            if b"".join(place.chunks(name)) != data:
                raise Problem("A file that was written could not be read back.")
            next(iter(place.entries()), None)
            place.abandon(LONG_AGO)  # lists what is unfinished; nothing is that old
        finally:
            place.delete(name)
