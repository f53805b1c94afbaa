"""A small file by which each machine proves that it sees the same place as the others, and no other installation's.

The database knows a random key; the place holds it, with the installation's name. Whoever comes first writes it, once.
A machine whose folder is not shared finds none, and keeps and deletes nothing. Neither does a copy of the database
under another name, which would otherwise delete the files of the original.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.utils import timezone

from kernel.files.places import Place
from kernel.files.problems import Missing, Unavailable, named
from kernel.models import FileMarker

NAME = "fanfare-marker"
ADOPT = "manage.py files --adopt"


def prove(place: Place) -> None:
    """Raises Unavailable unless the place is this installation's. Once it was proven, a process asks no more."""
    if place.is_proven:
        return
    marker = _row()
    text = _text(marker)
    found = _read(place)
    if found is None and _is_first():
        try:
            _write(place, text)
        except BaseException:
            # Nobody has written it after all: the next one may, when the place is mended.
            FileMarker.objects.filter(pk=1).update(written_at=None)
            raise
    elif found != text and settings.LOCAL:
        _write(place, text)  # a developer's machine, whose database was made anew
    elif found is None:
        raise Unavailable(
            f"{_place(place)} has no {NAME}: this machine does not see the place that the installation uses. Let "
            f"FILES_URL mean the same place on all machines. If the files were moved on purpose: {ADOPT}"
        )
    elif found != text:
        raise Unavailable(
            f"{_place(place)} belongs to another installation, or to this one under another DEPLOYMENT_ID: give this "
            f"one a place of its own. If it is this one's all the same: {ADOPT}"
        )
    elif marker.written_at is None:
        _is_first()  # a write that was taken for a failure has arrived
    place.is_proven = True


def adopt(place: Place) -> None:
    """Make the place this installation's, whatever its marker says. Raises Unavailable."""
    _write(place, _text(_row()))
    _is_first()


def _row() -> FileMarker:
    return FileMarker.objects.get_or_create(pk=1, defaults={"key": secrets.token_hex(16)})[0]


def _is_first() -> bool:
    """Whether the marker was never written. Only one process is told so, once."""
    return FileMarker.objects.filter(pk=1, written_at=None).update(written_at=timezone.now()) == 1


def _text(marker: FileMarker) -> str:
    return f"{marker.key} {settings.DEPLOYMENT_ID}".strip()


def _read(place: Place) -> str | None:
    try:
        with named(place):
            return b"".join(place.chunks(NAME)).decode("utf-8", "replace").strip()
    except Missing:
        return None


def _write(place: Place, text: str) -> None:
    with named(place):
        place.write(NAME, text.encode())


def _place(place: Place) -> str:
    where = place.describe()
    return where[0].upper() + where[1:]
