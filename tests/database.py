"""The tests' databases, as a pytest plugin (loaded before Django reads its settings).

The tests use the real roles: the owner creates and migrates a database, the web role is under row-level security, the
engine bypasses it. Nobody is a superuser. Every worker process of pytest-xdist has a database of its own. If DATABASE_URL
is set, they are on that server. Otherwise every worker has an embedded server under var/, too, because some tests kill
it; the servers are stopped at the end.

An embedded server keeps one migrated database as a template. It is rebuilt when something changes that migrations depend
on. A run copies it in a tenth of a second instead of migrating for ten seconds.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from kernel import embedded_postgres  # noqa: E402

WORKER = os.environ.get("PYTEST_XDIST_WORKER")  # gw0, gw1, ...; unset in the process that hands out the tests
IS_FIRST = WORKER in (None, "gw0")
HOMES = ROOT / "var"
HOME = HOMES / ("postgres-test" if IS_FIRST else f"postgres-test-{WORKER}")
NAME = f"test_fanfare_{os.getpid()}"
DROP = f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'

VARIABLES = ("DATABASE_URL", "DATABASE_ENGINE_URL", "DATABASE_OWNER_URL")
BACKUP = "DATABASE_BACKUP_URL"
#: The server's original address. A worker inherits an environment in which VARIABLES are changed already.
SERVER = "FANFARE_TEST_SERVER"
EMBEDDED = "embedded"


def _find_server() -> None:
    """Set the addresses of the roles in the environment, with the name of this process's database."""
    if SERVER not in os.environ:
        url = os.environ.get("DATABASE_URL")
        os.environ[SERVER] = os.environ.get("DATABASE_OWNER_URL", url) if url else EMBEDDED
    if is_embedded():
        os.environ.update(embedded_postgres.ensure_running(HOME, fast_and_unsafe=True).as_environment())
        os.environ.pop(BACKUP, None)
    for variable in VARIABLES:
        parts = urlsplit(os.environ.get(variable, os.environ["DATABASE_URL"]))
        os.environ[variable] = urlunsplit(parts._replace(path=f"/{NAME}"))
    if os.environ.get(BACKUP):
        os.environ[BACKUP] = urlunsplit(urlsplit(os.environ[BACKUP])._replace(path=f"/{NAME}"))


def is_embedded() -> bool:
    return os.environ[SERVER] == EMBEDDED


_find_server()
ADMIN = urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path="/fanfare")) if is_embedded() else ""
ADMIN = ADMIN or os.environ[SERVER]
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    FANFARE_LOCAL="1",
    SECRET_KEY="tests-" + "x" * 60,
    FIELD_ENCRYPTION_KEYS="tests-key-" + "y" * 40,
    BASE_URL="http://localhost:8000",
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ADMIN_SECOND_FACTOR="0",
    SMTP_ALLOWED_PRIVATE_HOSTS="localhost,127.0.0.1",
    LANES="2",
    EPOCH_FILE=str(HOMES / f"test-epoch-{os.getpid()}"),
    WARM_UP="false",
    LOG_LEVEL="CRITICAL",
)


def admin(sql: str, url: str = ADMIN) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def create() -> None:
    """Create the database of this run. Needs Django."""
    if not is_embedded():
        admin(f'CREATE DATABASE "{NAME}"')
        _migrate()
        return
    template = f"template_{_fingerprint()}"
    templates = {name for (name,) in admin("SELECT datname FROM pg_database WHERE datname LIKE 'template\\___%'")}
    if template in templates:
        _copy(template, NAME)
        _set_rights_of_database()
        return
    for old in templates - {"template0", "template1"}:
        admin(f'DROP DATABASE IF EXISTS "{old}"')
    admin(f'CREATE DATABASE "{NAME}"')
    _migrate()
    # Under its name only when it is whole. It is copied, so nobody may be connected.
    _copy(NAME, template)


def _copy(template: str, name: str) -> None:
    """Copied as files, between two checkpoints: unlogged tables of a database that was copied through the log were broken
    after a test had killed the server."""
    admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def _set_rights_of_database() -> None:
    """A copy has the rights on the tables, but not those on the database itself."""
    from django.db import connections

    from kernel import roles

    roles.synchronise()
    connections["owner"].close()


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    for connection in connections.all():
        connection.close()


def _fingerprint() -> str:
    """A hash of everything that a migrated database depends on."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield ROOT / "requirements.txt"
    yield Path(__file__)
    for pattern in ("kernel/**/*.py", "config/settings/*.py", "*/migrations/*.py", "*/models/*.py", "*/apps.py"):
        yield from ROOT.glob(pattern)


def pytest_unconfigure(config):
    Path(os.environ["EPOCH_FILE"]).unlink(missing_ok=True)
    if not is_embedded():
        _drop_once_released()
        return
    try:
        # The superuser may end sessions that a test's processes left open; the owner may not end other roles' sessions.
        admin(DROP, embedded_postgres.superuser_url(HOME))
    finally:
        if WORKER is None:
            for home in HOMES.glob("postgres-test*"):
                embedded_postgres.stop(home)


def _drop_once_released(seconds: float = 20) -> None:
    """On a server where nobody is superuser: wait until the sessions of killed workers have ended, then drop."""
    end = time.monotonic() + seconds
    while True:
        try:
            admin(DROP)
            return
        except psycopg.Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
