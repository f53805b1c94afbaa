"""The three connections, what they may do, and whether the database has what this code needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings
from django.db import Error as DatabaseErrors
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from adminpanel.health.findings import Finding
from contacts.changes import readers_behind
from kernel import partitions, rls

VARIABLES = {"default": "DATABASE_URL", "engine": "DATABASE_ENGINE_URL", "owner": "DATABASE_OWNER_URL"}
NAMES = {"default": "web", "engine": "engine", "owner": "owner"}
MAKE_ROLES = "Run: manage.py db roles --admin-url postgres://... and set the three addresses it prints."

REASONS = [
    ("password authentication failed|no password supplied", "The user name or password in {variable} is wrong."),
    (
        "Connection refused|timeout expired|No route to host|No such file",
        "No PostgreSQL answers at {place}. Is it running?",
    ),
    ("could not translate|Name or service not known|failed to resolve", "The host in {variable} is unknown."),
    ('database ".*" does not exist', "The database in {variable} does not exist. " + MAKE_ROLES),
    ('role ".*" does not exist', "The user in {variable} does not exist. " + MAKE_ROLES),
    ("no pg_hba.conf entry", "The server lets nobody in from here: see its pg_hba.conf."),
    ("too many clients|remaining connection slots", "All connections are in use: raise max_connections."),
]


def connections_work() -> Iterator[Finding]:
    for alias, name in NAMES.items():
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW server_version_num")
                version = int(cursor.fetchone()[0]) // 10_000
        except DatabaseErrors as problem:
            connections[alias].close()
            yield Finding(f"database ({name})", False, _first_line(problem), _advice(alias, str(problem)))
            continue
        todo = "Fanfare needs PostgreSQL 15 or newer."
        yield Finding(f"database ({name})", version >= 15, f"PostgreSQL {version}", todo)


def _first_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:300]


def _advice(alias: str, words: str) -> str:
    settings = connections[alias].settings_dict
    about = {
        "variable": VARIABLES[alias],
        "place": f"{settings['HOST'] or 'the local socket'}:{settings['PORT'] or 5432}",
    }
    for pattern, advice in REASONS:
        if re.search(pattern, words):
            return advice.format(**about)
    return f"Check {VARIABLES[alias]}."


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connections["owner"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    text = "up to date" if not waiting else f"{len(waiting)} waiting"
    yield Finding("migrations", not waiting, text, "Run: manage.py migrate")


def partitioned_tables() -> Iterator[Finding]:
    """Each table that grows has the partition that the next rows go to."""
    with connections["owner"].cursor() as cursor:
        found = [problem for table in partitions.TABLES for problem in partitions.problems(cursor, table)]
    todo = "Run: manage.py db partitions. If it comes back, the hourly job fails: look at the worker's log."
    yield Finding("partitions", not found, "; ".join(found) or "made ahead of time", todo)


def change_readers() -> Iterator[Finding]:
    """Who reads contacts' changes keeps up. What is dropped by its age before it was read is lost to that reader."""
    behind = readers_behind.find()
    text = "; ".join(
        f"{name} has not read everything since {upto:%Y-%m-%d %H:%M}" if upto else f"{name} has never read"
        for name, upto in behind
    )
    todo = (
        f"Changes are dropped after {settings.CHANGE_DAYS} days (CHANGE_DAYS). Is a worker running? The log of the job "
        "contacts.read_changes says what fails. If nothing does, a transaction is open for hours: see pg_stat_activity."
    )
    yield Finding("contacts' changes", not behind, text or "their readers keep up", todo)


def roles() -> Iterator[Finding]:
    """What PostgreSQL says about the roles that are really connected, whatever their names are."""
    rights = {alias: _rights(alias) for alias in NAMES}
    web, web_bypasses = rights["default"]
    engine, engine_bypasses = rights["engine"]
    owner, _ = rights["owner"]
    is_engine_owner = engine == owner != web  # where a provider lets nobody bypass: see kernel.role_creation
    if len({web, engine, owner}) < 3 and not is_engine_owner:
        todo = "Row-level security can't protect workspaces from each other. " + MAKE_ROLES
        yield Finding("roles", False, "not three roles: " + ", ".join((web, engine, owner)), todo)
        if web == engine == owner and not web_bypasses:
            return
    if web_bypasses:
        todo = "The web must not bypass it. Are DATABASE_URL and DATABASE_ENGINE_URL swapped? Otherwise: " + MAKE_ROLES
        yield Finding("web role", False, f"row-level security is off: {web} bypasses it", todo)
    if engine != owner and not engine_bypasses:
        todo = "Sending and imports find nothing. Are the addresses swapped? Otherwise: " + MAKE_ROLES
        yield Finding("engine role", False, f"{engine} does not bypass row-level security", todo)
    if not _owns_tables(owner):
        todo = "Migrations will fail. Is DATABASE_OWNER_URL one of the other two?"
        yield Finding("owner role", False, f"{owner} does not own the tables", todo)
    elif is_engine_owner and not web_bypasses:
        yield Finding("roles", True, "web and owner, which is the engine too; row-level security applies to the web")
    elif len({web, engine, owner}) == 3 and not web_bypasses and engine_bypasses:
        yield Finding("roles", True, "owner, web and engine; row-level security applies to the web")


def _rights(alias: str) -> tuple[str, bool]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolname, rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()


def _owns_tables(role: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(bool_and(pg_has_role(%s, relowner, 'MEMBER')), true) FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
            [role],
        )
        return cursor.fetchone()[0]


def signing_key() -> Iterator[Finding]:
    """A context signed with this SECRET_KEY is accepted by the database."""
    todo = (
        "SECRET_KEY differs from the one the database knows; every page of a workspace fails. If you changed it, run: "
        "manage.py db roles, and restart everything. Otherwise put the right one back."
    )
    try:
        with transaction.atomic("default"), connections["default"].cursor() as cursor:
            cursor.execute("SELECT set_config('fanfare.context', %s, true)", [rls.sign(0, 0)])
            cursor.execute("SELECT fanfare.context()")
        yield Finding("signing key", True, "the database accepts it")
    except DatabaseErrors as problem:
        yield Finding("signing key", False, _first_line(problem).partition(" CONTEXT")[0], todo)
