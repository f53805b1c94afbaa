"""The tests' databases, as pytest plugin (loaded before Django reads its settings).

Real roles on a real server: the owner makes and migrates a database of its own for each run, the web role is under
row-level security, the engine bypasses it. Nobody is a superuser. Where DATABASE_URL is set, that server is used; else an
embedded one under var/, which is stopped at the end.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "postgres-test"
NAME = f"test_fanfare_{os.getpid()}"
DROP = f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'

sys.path.insert(0, str(ROOT))
from kernel import embedded_postgres  # noqa: E402

_embedded = not os.environ.get("DATABASE_URL")
if _embedded:
    os.environ.update(embedded_postgres.ensure_running(HOME, fast_and_unsafe=True).as_environment())
VARIABLES = ("DATABASE_URL", "DATABASE_ENGINE_URL", "DATABASE_OWNER_URL")
ADMIN = os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
for variable in VARIABLES:
    parts = urlsplit(os.environ.get(variable, os.environ["DATABASE_URL"]))
    os.environ[variable] = urlunsplit(parts._replace(path=f"/{NAME}"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    FANFARE_LOCAL="1",
    SECRET_KEY="tests-" + "x" * 60,
    FIELD_ENCRYPTION_KEYS="tests-key-" + "y" * 40,
    BASE_URL="http://localhost:8000",
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    SMTP_ALLOWED_PRIVATE_HOSTS="localhost,127.0.0.1",
    LANES="2",
    EPOCH_FILE=str(HOME / f"epoch-{os.getpid()}"),
    WARM_UP="false",
    LOG_LEVEL="CRITICAL",
)


def admin(sql: str, url: str = ADMIN) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


def pytest_unconfigure(config):
    Path(os.environ["EPOCH_FILE"]).unlink(missing_ok=True)
    if _embedded:
        # The superuser may end what a test's processes still hold open; the owner may not end other roles' sessions.
        try:
            admin(DROP, embedded_postgres.superuser_url(HOME))
        finally:
            embedded_postgres.stop(HOME)
    else:
        _drop_once_released()


def _drop_once_released(seconds: float = 20) -> None:
    """On a server of somebody else's: sessions of killed workers end within moments, and then the owner may drop."""
    end = time.monotonic() + seconds
    while True:
        try:
            return admin(DROP)
        except psycopg.Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
