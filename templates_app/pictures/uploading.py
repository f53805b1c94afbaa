"""From an uploaded file to a picture of the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files import File
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from kernel import names
from kernel.tenancy import scope
from templates_app.models import Picture, PictureFile
from templates_app.models.picture import fetch_files
from templates_app.pictures import decoding, storage
from templates_app.pictures.decoding import Decoded, Refused

MAX_PICTURES = 20_000  # of a workspace: small ones cost rows and no room
MAX_NAME = 120


@contextmanager
def received(workspace: Workspace, file: File, user: User | None) -> Iterator[Picture]:
    """Read an uploaded file, keep its sizes, then write the rows: the body runs in their transaction, in the scope of
    the workspace. Where it fails, nothing is left. A file that the library has already is that picture again
    (`is_known`). Raises Refused and kernel.files.problems.Problem. Never call it in a transaction."""
    sha256 = decoding.look_at(file)
    with scope(workspace):
        known = Picture.objects.present().filter(sha256=sha256).order_by("id").first()
        if known is None:
            _refuse_too_many()
        else:
            known.is_known = True
            fetch_files([known])
            yield known
            return
    decoded = decoding.decode(file, workspace.pk)
    files = storage.keep(workspace.pk, decoded.sizes)
    with storage.discarded_on_failure(files), scope(workspace):
        picture = _write(name_of(file), decoded, files, user)
        fetch_files([picture])
        yield picture


def _refuse_too_many() -> None:
    if Picture.objects.count() >= MAX_PICTURES:
        raise Refused(
            _("The library is full: it has %(most)d pictures. Delete some that are not used.") % {"most": MAX_PICTURES}
        )


def _write(name: str, decoded: Decoded, files: list[PictureFile], user: User | None) -> Picture:
    picture = Picture(name=name, created_by=user)
    describe(picture, decoded)
    picture.save()
    add_files(picture, files)
    return picture


def describe(picture: Picture, decoded: Decoded) -> None:
    """Set what is known of the upload."""
    picture.width, picture.height = decoded.width, decoded.height
    picture.size, picture.sha256 = decoded.size, decoded.sha256
    picture.is_animated = decoded.is_animated


def add_files(picture: Picture, files: list[PictureFile]) -> None:
    """Write the rows of the files of the picture's present revision."""
    for file in files:
        file.picture, file.revision = picture, picture.revision
    PictureFile.objects.bulk_create(files)


def name_of(file: File) -> str:
    """The name of the upload without its folders, and without what can't be seen."""
    base = (file.name or "").replace("\\", "/").rpartition("/")[2]
    name = names.clean(base)
    stem, dot, ending = name.rpartition(".")
    if dot and len(name) > MAX_NAME and len(ending) < 10:
        name = f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return name[:MAX_NAME] or _("Picture")
