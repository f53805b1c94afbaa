"""Where the bytes of pictures are: among the kept files (`kernel.files`), or in their rows where files are in the
database. Rows say which, so a place can be switched on at any time."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable
from contextlib import ExitStack

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from kernel.files import columns, keeping, places
from kernel.files.keeping import Kept
from kernel.files.problems import Full
from kernel.tenancy import scope
from templates_app.models import PictureFile
from templates_app.pictures.decoding import Size

KIND = "pictures"


def keep(workspace_id: int, sizes: Iterable[Size]) -> list[PictureFile]:
    """Keep these sizes; their rows are not written yet. Where one can't be kept, none is. Raises
    kernel.files.problems.Problem. Never call it in a transaction."""
    sizes = list(sizes)
    _refuse_over_limit(workspace_id, sum(len(size.data) for size in sizes))
    with ExitStack() as undo:
        files = []
        for size in sizes:
            kept = keeping.put(workspace_id, KIND, io.BytesIO(size.data)) if places.is_on() else None
            undo.callback(keeping.discard, kept)
            files.append(_row(workspace_id, size, kept))
        undo.pop_all()
    return files


def _row(workspace_id: int, size: Size, kept: Kept | None) -> PictureFile:
    file = PictureFile(
        workspace_id=workspace_id,
        width=size.width,
        height=size.height,
        format=size.format,
        is_animated=size.is_animated,
        size=len(size.data),
        sha256=hashlib.sha256(size.data).hexdigest(),
    )
    if kept is None:
        file.key, file.data = secrets.token_hex(16), size.data
    else:
        file.key, file.file = kept.name.rpartition("/")[2], kept.name
    return file


def discarded_on_failure(files: Iterable[PictureFile]) -> ExitStack:
    """A context in which the rows of these files are written and committed: where that fails, the files go."""
    stack = ExitStack()
    for file in files:
        if file.file:
            stack.enter_context(
                keeping.discarded_on_failure(Kept(file.workspace_id, file.file, file.size, file.sha256))
            )
    return stack


def used_bytes(workspace_id: int) -> int:
    """The bytes of all files of a workspace, kept or in the rows of its pictures."""
    with scope(workspace_id):
        in_rows = PictureFile.objects.filter(file="").aggregate(total=Sum("size"))["total"] or 0
    return columns.used_bytes(workspace_id) + in_rows


def most_bytes() -> int:
    return settings.FILES_WORKSPACE_MB * 1024 * 1024


def _refuse_over_limit(workspace_id: int, size: int) -> None:
    if used_bytes(workspace_id) + size > most_bytes():
        raise Full(
            _("This workspace's files would take up more than %(most)d MB. Delete exports or uploads first.")
            % {"most": settings.FILES_WORKSPACE_MB}
        )
