"""How a Fanfare process begins: where the database is, and what to say when a setting is wrong."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def start() -> Iterator[None]:
    """Find a database, then turn a wrong setting into a sentence and exit code 2 instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured

    try:
        read_env_file()
        use_embedded_database()
        from django.conf import settings

        settings.configured or settings.DEBUG  # noqa: B018  (the first look reads every setting)
        yield
    except ImproperlyConfigured as problem:
        sys.stderr.write(f"Fanfare can't start: {problem}\n")
        sys.exit(2)


def read_env_file() -> None:
    """Put the lines of .env into the environment; what is already set wins."""
    import environ

    if (ROOT / ".env").exists():
        environ.Env.read_env(ROOT / ".env")


def use_embedded_database() -> None:
    """Where DATABASE_URL is not set, run PostgreSQL ourselves under var/postgres and point the three roles at it."""
    if os.environ.get("DATABASE_URL"):
        return
    from django.core.exceptions import ImproperlyConfigured

    from kernel import embedded_postgres

    try:
        urls = embedded_postgres.ensure_running(ROOT / "var" / "postgres")
    except embedded_postgres.Unavailable as problem:
        raise ImproperlyConfigured(str(problem)) from None
    os.environ.update(urls.as_environment(), FANFARE_LOCAL="1")
