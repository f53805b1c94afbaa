"""Create the database and its roles on the operator's own server.

A superuser can do all of it. On a managed server the operator has a role that may create roles and databases. Whether
it may also create roles that bypass row-level security depends on the provider (and on PostgreSQL 16 or newer). If not,
the engine connects as the owner: every policy lets the owner's signed context see all workspaces.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

#: What each role may do besides logging in, as attributes of pg_roles with their SQL words.
RIGHTS = {"owner": {"rolcreatedb"}, "web": set(), "engine": {"rolbypassrls"}, "backup": {"rolbypassrls"}}
WORDS = {"rolcreatedb": "CREATEDB", "rolbypassrls": "BYPASSRLS", "rolcanlogin": "LOGIN"}
SETTINGS = {
    "web": "DATABASE_URL",
    "engine": "DATABASE_ENGINE_URL",
    "owner": "DATABASE_OWNER_URL",
    "backup": "DATABASE_BACKUP_URL",
}

ASK_FOR = (
    "Give a superuser's address. On a managed server, give the address of a role with CREATEROLE and CREATEDB, and ask "
    "the provider for BYPASSRLS too (on PostgreSQL 16 or newer that role may then pass it on)."
)
NO_BYPASS = (
    "This server lets nobody bypass row-level security, so the engine connects as the owner, whose signed context sees "
    "all workspaces. Everything works, only imports and segments are slower. Backups connect as the owner, too."
)


class Refused(Exception):
    """Raised if the server refuses something. The message says what to ask for."""


@dataclass
class Created:
    """The settings to keep, by name, and notes for the operator."""

    settings: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def create_roles(admin_url: str, database: str, *, new_passwords: bool = False) -> Created:
    """Create or complete the roles and the database. A role that exists keeps its password, unless `new_passwords`.

    Raises Refused.
    """
    try:
        connection = psycopg.connect(admin_url, autocommit=True)
    except psycopg.Error as problem:
        raise Refused(f"Can't connect: {problem}") from None
    with connection:
        try:
            return _Setup(connection, admin_url, database, new_passwords).run()
        except psycopg.errors.InsufficientPrivilege as problem:
            raise Refused(f"The server refuses it ({problem.diag.message_primary}). {ASK_FOR}") from None


class _Setup:
    def __init__(self, connection: psycopg.Connection, admin_url: str, database: str, new_passwords: bool):
        self.connection, self.admin_url, self.database = connection, admin_url, database
        self.new_passwords = new_passwords
        self.created = Created()

    def run(self) -> Created:
        self._role("owner")
        self._role("web")
        try:
            self._role("engine")
            self._role("backup")
        except psycopg.errors.InsufficientPrivilege:
            self._use_owner_as_engine()
        self._create_database()
        return self.created

    def name_of(self, kind: str) -> str:
        return f"{self.database}_{kind}"

    def _role(self, kind: str) -> None:
        wanted = RIGHTS[kind] | {"rolcanlogin"}
        existing = self._rights_of(self.name_of(kind))
        # What is right already is not said again: whoever may not grant an attribute may not even mention it.
        words = sorted(WORDS[right] for right in wanted - (existing or set()))
        words += sorted(f"NO{WORDS[right]}" for right in (existing or set()) - wanted)
        password = secrets.token_urlsafe(24) if existing is None or self.new_passwords else None
        statement = sql.SQL("ALTER ROLE {}" if existing is not None else "CREATE ROLE {}")
        parts = [statement.format(sql.Identifier(self.name_of(kind))), *map(sql.SQL, words)]
        if password:
            parts += [sql.SQL("PASSWORD {}").format(sql.Literal(password))]
        if len(parts) > 1:
            self.connection.execute(sql.SQL(" ").join(parts))
        self._note(kind, password)

    def _rights_of(self, name: str) -> set[str] | None:
        """The attributes in WORDS that the role has; None if there is no such role."""
        columns = sql.SQL(", ").join(map(sql.Identifier, WORDS))
        query = sql.SQL("SELECT {} FROM pg_roles WHERE rolname = %s").format(columns)
        row = self.connection.execute(query, [name]).fetchone()
        return None if row is None else {right for right, has in zip(WORDS, row, strict=True) if has}

    def _note(self, kind: str, password: str | None) -> None:
        name = SETTINGS[kind]
        if password:
            self.created.settings[name] = self._address(self.name_of(kind), password)
            return
        self.created.notes.append(
            f"The role {self.name_of(kind)} exists and keeps its password: leave {name} as it is. "
            "(--new-passwords makes new ones.)"
        )

    def _use_owner_as_engine(self) -> None:
        owner = self.created.settings.get("DATABASE_OWNER_URL")
        if owner:
            self.created.settings["DATABASE_ENGINE_URL"] = owner
        else:
            self.created.notes.append("Set DATABASE_ENGINE_URL to the same address as DATABASE_OWNER_URL.")
        self.created.notes.append(NO_BYPASS)

    def _create_database(self) -> None:
        if self.connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone():
            return
        owner = sql.Identifier(self.name_of("owner"))
        if not self._is_superuser():
            # A database is given only to a role that one belongs to.
            self.connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        self.connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(self.database), owner))

    def _is_superuser(self) -> bool:
        row = self.connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        return bool(row and row[0])

    def _address(self, name: str, password: str) -> str:
        """Where the administrator connected to; through a local socket, the server's port on localhost."""
        parts = urlsplit(self.admin_url)
        place = parts.netloc.rpartition("@")[2] or f"localhost:{self.connection.info.port}"
        query = f"?{parts.query}" if parts.query else ""
        return f"postgres://{name}:{quote(password, safe='')}@{place}/{self.database}{query}"
