"""Where files are kept: that this machine sees the place of the others, and can write, read and delete there."""

from __future__ import annotations

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
BUCKET_TODO = (
    "Check FILES_URL, FILES_ENDPOINT and FILES_KEY, and that the key may list objects and multipart uploads, and get, "
    "put and delete objects."
)
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
        yield Finding(NAME, False, str(problem), BUCKET_TODO if place.is_network else FOLDER_TODO)
    else:
        yield Finding(NAME, True, place.describe())


def kept_here() -> Iterator[Finding]:
    """Unless another server would be asked: in the database, or in a folder of this machine or one that it mounts."""
    if not (places.is_on() and places.place().is_network):
        yield from kept()


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
