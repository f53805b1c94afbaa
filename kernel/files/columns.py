"""The columns that name kept files. What no column names is an orphan, and what they name counts for the workspace."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections

from kernel.extensions import Extensions


@dataclass(frozen=True)
class FileColumn:
    """A column with the name of a kept file, empty where there is none, of a table that has a workspace."""

    table: str
    name: str = "file"
    size: str = "size"  # the column with the file's bytes


COLUMNS: Extensions[FileColumn] = Extensions(
    "kept files", "Columns that name a kept file. A file that none of them names is deleted after a day."
)


def named(workspace_id: int, names: list[str]) -> set[str]:
    """Which of these files a row of the workspace names."""
    found: set[str] = set()
    with connections["engine"].cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(
                f"SELECT {column.name} FROM {column.table} "  # noqa: S608
                f"WHERE workspace_id = %s AND {column.name} = ANY(%s)",
                [workspace_id, names],
            )
            found.update(row[0] for row in cursor.fetchall())
    return found


def used_bytes(workspace_id: int) -> int:
    """The bytes of all kept files of a workspace."""
    total = 0
    with connections["engine"].cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(
                f"SELECT coalesce(sum({column.size}), 0)::bigint FROM {column.table} "  # noqa: S608
                f"WHERE workspace_id = %s AND {column.name} <> ''",
                [workspace_id],
            )
            total += cursor.fetchone()[0]
    return total
