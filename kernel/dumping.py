"""Backups of the whole database, as files of pg_dump's custom format in one folder.

A file gets its name only when pg_dump has ended well and the file was read back, so a file with a name is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from kernel import postgres_programs

NAME = re.compile(r"fanfare-(\d{8}-\d{6})\.dump")
STAMP = "%Y%m%d-%H%M%S"
PARTIAL = ".partial"
LOCK_WAIT = "60s"  # for a lock on a table, which a migration may hold

# The owner sees a row only by a policy. A table without it would be dumped empty, so it stops the backup.
HIDDEN_FROM_OWNER = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity AND (
    NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
        AND c.relowner = ANY (p.polroles) AND pg_get_expr(p.polqual, p.polrelid) LIKE '%sees_all()%')
    OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive))
ORDER BY 1
"""
TABLES = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname IN ('public', 'fanfare')
"""


class Failed(Exception):
    """Raised if there is no backup. The message says why; no file is left."""


@dataclass(frozen=True)
class Backup:
    path: Path
    at: datetime

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass(frozen=True)
class Done:
    """A new backup, with what the database takes on the server (bytes) and which older ones were deleted."""

    backup: Backup
    seconds: float
    database_size: int
    deleted: list[Backup]


def backups(folder: Path) -> list[Backup]:
    """The whole backups in the folder, the oldest first."""
    found = []
    for path in folder.glob("*.dump"):
        match = NAME.fullmatch(path.name)
        if match:
            found.append(Backup(path, datetime.strptime(match[1], STAMP).replace(tzinfo=UTC)))
    return sorted(found, key=lambda backup: backup.at)


def back_up(folder: Path, *, days: int, keep: int) -> Done:
    """Dump the database into the folder. Then delete what is older than `days`, but keep the newest `keep`.

    Raises Failed; then nothing was deleted.
    """
    began = time.monotonic()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            _delete_partials(folder)
            backup, database_size = _dump(folder)
            deleted = _delete_old(folder, days, keep)
    except (OSError, psycopg.Error, postgres_programs.Unusable) as problem:
        raise Failed(str(problem).strip()) from None
    return Done(backup, time.monotonic() - began, database_size, deleted)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"Another backup into {folder} is running.") from None
        yield


def _delete_partials(folder: Path) -> None:
    """Delete what a backup left that was killed. Nobody writes to it: the folder is locked."""
    for path in folder.glob(f"fanfare-*{PARTIAL}"):
        path.unlink()


def _dump(folder: Path) -> tuple[Backup, int]:
    parameters = _parameters()
    server, tables, database_size = _look_at(parameters)
    at = datetime.now(UTC).replace(microsecond=0)
    target = folder / f"fanfare-{at:{STAMP}}.dump"
    partial = target.with_name(target.name + PARTIAL)
    options = [f"--file={partial}", "--format=custom", "--no-password", f"--lock-wait-timeout={LOCK_WAIT}"]
    options += ["--no-unlogged-table-data"]  # the cache, and counts of the last hours
    if not settings.DATABASE_BACKUP_URL:
        options += ["--enable-row-security"]
    try:
        partial.touch(mode=0o600, exist_ok=False)
        postgres_programs.find("pg_dump", server).run(*options, parameters=parameters)
        _check(partial, server, tables)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    _make_durable(folder)
    return Backup(target, at), database_size


def _parameters() -> dict[str, Any]:
    """How to connect: as the backup role, which bypasses row-level security; else as the owner, whose connection
    carries the signed context of all workspaces."""
    if settings.DATABASE_BACKUP_URL:
        return {"connect_timeout": "10", **conninfo_to_dict(settings.DATABASE_BACKUP_URL)}
    return connections["owner"].get_connection_params()


def _look_at(parameters: dict[str, Any]) -> tuple[int, int, int]:
    """The server's major version, the number of tables to dump and the database's size in bytes. Raises Failed."""
    with psycopg.connect(**parameters) as connection:
        if not settings.DATABASE_BACKUP_URL:
            hidden = [row[0] for row in connection.execute(HIDDEN_FROM_OWNER)]
            if hidden:
                raise Failed(
                    f"Row-level security hides rows of {', '.join(hidden)} from the owner. Set DATABASE_BACKUP_URL to "
                    "a role with BYPASSRLS (manage.py db roles --admin-url makes it)."
                )
        row = connection.execute(f"SELECT ({TABLES}), pg_database_size(current_database())").fetchone()
        assert row is not None  # noqa: S101
        return connection.info.server_version // 10_000, *row


def _check(path: Path, server: int, tables: int) -> None:
    """Read the archive's list back: every table must be in it."""
    entries = postgres_programs.find("pg_restore", server).run("--list", str(path)).splitlines()
    dumped = sum(" TABLE DATA " in entry for entry in entries)
    if dumped < tables:
        raise Failed(f"pg_dump wrote {dumped} of {tables} tables.")


def _make_durable(folder: Path) -> None:
    """pg_dump has flushed the file itself; its name is in the folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete_old(folder: Path, days: int, keep: int) -> list[Backup]:
    limit = datetime.now(UTC) - timedelta(days=days)
    there = backups(folder)
    old = [backup for backup in there[: max(0, len(there) - max(1, keep))] if backup.at < limit]
    for backup in old:
        backup.path.unlink()
    return old
