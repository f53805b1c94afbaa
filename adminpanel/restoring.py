"""Put a backup in the database's place.

The backup is loaded into a database beside the present one. Only when it is complete, and held, do the two change
names. So a restore that fails changes nothing, and the database that was there stays until an operator drops it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from adminpanel.health.secrets import count_lost_secrets
from contacts.changes import eras
from delivery.sending import restore_guard
from kernel import postgres_programs, rls, roles

BESIDE = "restoring"  # the alias of the connection to the database that is being loaded
MAX_NAME = 40  # of PostgreSQL's 63 bytes, so that there is room for what is added

SESSIONS = """
SELECT usename, count(*) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL AND pid <> %s
GROUP BY 1 ORDER BY 1
"""
# Entries of an archive's list, such as `3461; 3256 16400 POLICY public contacts_tag workspace fanfare_owner`.
ROW_SECURITY = re.compile(r"\d+; \d+ \d+ (POLICY|ROW SECURITY) ")
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'fanfare')"


class Refused(Exception):
    """Raised if the backup is not put in place. The message says why; the database is as it was."""


@dataclass(frozen=True)
class Archive:
    path: Path
    server: int  # major version of the server it came from
    owner: str
    entries: list[str]  # its list, as pg_restore --list prints it

    def parts(self) -> Iterator[list[str]]:
        """The entries in two parts, of which the second is row-level security. With it switched on and a policy
        missing, the owner's checks of foreign keys would not see the rows."""
        yield [entry for entry in self.entries if not ROW_SECURITY.match(entry)]
        yield [entry for entry in self.entries if ROW_SECURITY.match(entry)]


@dataclass(frozen=True)
class Restored:
    """`kept` is the name of the database that was there before; empty if there was none with tables in it."""

    kept: str
    warnings: list[str]


def restore(path: Path, *, replace: bool, jobs: int, say: Callable[[str], None]) -> Restored:
    """Raises Refused."""
    try:
        return _Restore(path, replace, jobs, say).run()
    except (psycopg.Error, postgres_programs.Unusable) as problem:
        raise Refused(str(problem).strip()) from None


def read_archive(path: Path, server: int) -> Archive:
    """What the backup says about itself. Raises Refused, Unusable."""
    if not path.is_file():
        raise Refused(f"There is no file {str(path)!r}.")
    try:
        text = postgres_programs.find("pg_restore", server).run("--list", str(path))
    except postgres_programs.Unusable as problem:
        if "unsupported version" in str(problem):
            raise Refused("The backup was made with a newer pg_dump than pg_restore here: install that.") from None
        raise
    version = re.search(r"Dumped from database version: (\d+)", text)
    owner = re.search(r" TABLE fanfare context_key (\S+)$", text, re.MULTILINE)
    if not version or not owner:
        raise Refused(f"{path.name} is no backup of Fanfare.")
    return Archive(path, int(version[1]), owner[1], text.splitlines())


class _Restore:
    def __init__(self, path: Path, replace: bool, jobs: int, say: Callable[[str], None]):
        self.path, self.replace, self.jobs, self.say = path, replace, jobs, say
        self.parameters = connections["owner"].get_connection_params()
        self.name = self.parameters["dbname"]
        self.beside = f"{self.name[:MAX_NAME]}_restoring"
        self.warnings: list[str] = []

    def run(self) -> Restored:
        connections.close_all()
        with closing(self._connect()) as server:
            version = server.info.server_version // 10_000
            archive = read_archive(self.path, version)
            self._check(server, archive, version)
            occupied = self._look_at_present(server)
            self._create_beside(server)
            try:
                self._load(archive, version)
                with self._beside():
                    self._finish(archive)
            except BaseException:
                self._drop(server, self.beside)
                raise
            kept = self._change_names(server, occupied)
        self._look_at_restored()
        return Restored(kept, self.warnings)

    def _connect(self) -> psycopg.Connection:
        """To a database that is not touched: databases can't be renamed from inside."""
        return psycopg.connect(**self.parameters | {"dbname": "postgres"}, autocommit=True)

    def _check(self, server: psycopg.Connection, archive: Archive, version: int) -> None:
        if archive.server > version:
            raise Refused(
                f"The backup is of PostgreSQL {archive.server} and this server is {version}: restore it into "
                f"{archive.server} or newer."
            )
        role = self.parameters["user"]
        if archive.owner != role:
            raise Refused(
                f"The backup belongs to the role {archive.owner}, and DATABASE_OWNER_URL names {role}. Make roles of "
                f"the same names: manage.py db roles --admin-url ... --database {archive.owner.removesuffix('_owner')}"
            )

    def _look_at_present(self, server: psycopg.Connection) -> bool:
        """Whether the database exists; Refused if it may not be replaced now."""
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone():
            return False
        with closing(psycopg.connect(**self.parameters)) as present:
            row = present.execute(TABLES).fetchone()
            ours = present.info.backend_pid
        if row and row[0] and not self.replace:
            raise Refused(
                f"The database {self.name} is not empty ({row[0]} tables). Say --replace to put the backup in its "
                "place. It is kept under another name."
            )
        sessions = server.execute(SESSIONS, [self.name, ours]).fetchall()
        if sessions:
            who = ", ".join(f"{n} of {role}" for role, n in sessions)
            raise Refused(f"The database {self.name} is in use ({who}): stop web and workers first.")
        return True

    def _create_beside(self, server: psycopg.Connection) -> None:
        self._drop(server, self.beside)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.beside)))

    def _drop(self, server: psycopg.Connection, name: str) -> None:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    def _load(self, archive: Archive, version: int) -> None:
        self.say(f"Loading {archive.path.name} into {self.beside} ...")
        options = ["--no-password", "--no-owner", "--exit-on-error", f"--jobs={self.jobs}", f"--dbname={self.beside}"]
        program = postgres_programs.find("pg_restore", version)
        for entries in archive.parts():
            with NamedTemporaryFile("w", prefix="fanfare-restore-", suffix=".list") as chosen:
                chosen.write("\n".join(entries))
                chosen.flush()
                arguments = [*options, f"--use-list={chosen.name}", str(archive.path)]
                program.run(*arguments, parameters=self.parameters | {"dbname": self.beside})

    @contextmanager
    def _beside(self) -> Iterator[None]:
        """A connection of Django's to the database that was loaded, as its owner."""
        connections.databases[BESIDE] = connections.databases["owner"] | {"NAME": self.beside}
        try:
            yield
        finally:
            connections[BESIDE].close()
            del connections[BESIDE], connections.databases[BESIDE]

    def _finish(self, archive: Archive) -> None:
        """Everything that must be true before anybody can connect to it under its name."""
        with connections[BESIDE].cursor() as cursor:
            cursor.execute("SELECT FROM fanfare.context_key WHERE inner_key = %s", [rls.padded_keys()[0]])
            if cursor.fetchone() is None:
                self.warnings.append(
                    "SECRET_KEY is not the one that this backup was made under. Everybody must log in again, and links "
                    "in messages that were sent work only if that key is among LINK_KEYS."
                )
            roles.synchronise(BESIDE)
            eras.begin(BESIDE)
            restore_guard.hold(f"restored from {archive.path.name}", using=BESIDE)
            self.say("Collecting statistics ...")
            cursor.execute("ANALYZE")

    def _change_names(self, server: psycopg.Connection, occupied: bool) -> str:
        kept = f"{self.name[:MAX_NAME]}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}"
        if occupied:
            self._rename(server, self.name, kept)
        try:
            self._rename(server, self.beside, self.name)
        except psycopg.Error:
            if occupied:
                self._rename(server, kept, self.name)
            raise
        if occupied and self._has_tables(kept):
            return kept
        if occupied:
            self._drop(server, kept)
        return ""

    def _has_tables(self, name: str) -> bool:
        with closing(psycopg.connect(**self.parameters | {"dbname": name})) as connection:
            row = connection.execute(TABLES).fetchone()
        return bool(row and row[0])

    @staticmethod
    def _rename(server: psycopg.Connection, old: str, new: str) -> None:
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))

    def _look_at_restored(self) -> None:
        executor = MigrationExecutor(connections["owner"])
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            self.warnings.append(f"The backup is of an older Fanfare: {len(waiting)} migrations wait. Run: migrate.")
        unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
        newer = sorted({app for app, _ in unknown if app in apps.app_configs})
        if newer:
            self.warnings.append(f"The backup is of a newer Fanfare ({', '.join(newer)}): install that version.")
        lost = count_lost_secrets()
        if lost:
            self.warnings.append(
                f"{lost} stored secrets can't be decrypted: put the key that they were stored with into "
                "FIELD_ENCRYPTION_KEYS."
            )
