"""The bytes of a workspace's pictures in its export (contacts.exports.workspace_archive)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connections

from kernel.files import keeping
from kernel.files.keeping import Kept

# Of pictures that are not deleted, all revisions: what was sent shows them. The engine's snapshot is that of the rows.
FILES = """
SELECT f.id, f.key, f.format, f.file, f.size, f.sha256 FROM templates_app_picturefile f
JOIN templates_app_picture p ON p.workspace_id = f.workspace_id AND p.id = f.picture_id
WHERE f.workspace_id = %s AND p.deleted_at IS NULL ORDER BY f.id
"""
DATA = "SELECT data FROM templates_app_picturefile WHERE workspace_id = %s AND id = %s"


def files(workspace_id: int) -> Iterator[tuple[str, Iterable[bytes]]]:
    """(name in the archive, bytes) of each file. Reading the bytes raises kernel.files.problems.Problem."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(FILES, [workspace_id])
        rows = cursor.fetchall()
    for pk, key, file_format, file, size, sha256 in rows:
        name = f"pictures/{key}.{file_format}"
        if file:
            yield name, keeping.chunks(Kept(workspace_id, file, size, sha256))
        else:
            yield name, _data(workspace_id, pk)


def _data(workspace_id: int, pk: int) -> Iterator[bytes]:
    with connections["engine"].cursor() as cursor:
        cursor.execute(DATA, [workspace_id, pk])
        found = cursor.fetchone()
    yield bytes(found[0])
