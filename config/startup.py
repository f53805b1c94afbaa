"""The start of every Fanfare process: find the database, explain wrong settings."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def start() -> Iterator[None]:
    """Find the database. For a wrong setting, print a message and exit with code 2 instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured

    try:
        read_env_file()
        if makes_settings(sys.argv[1:]):
            lend_settings()
        use_embedded_database()
        from django.conf import settings

        settings.configured or settings.DEBUG  # noqa: B018  (the first access reads all settings)
        yield
    except ImproperlyConfigured as problem:
        sys.stderr.write(f"Fanfare can't start: {problem}\n")
        sys.exit(2)


def makes_settings(arguments: list[str]) -> bool:
    """Whether the command prints settings: `db roles --admin-url ...` and `doctor --new-key`."""
    option = {"db": "--admin-url", "doctor": "--new-key"}.get(arguments[0] if arguments else "")
    return option is not None and any(argument.partition("=")[0] == option for argument in arguments)


def lend_settings() -> None:
    """Fill in what must be set, for a command that runs before anything is. Nothing of it is used or kept."""
    secret = secrets.token_urlsafe(48)
    lent = {
        "DATABASE_URL": "postgres://web@localhost/none",
        "DATABASE_ENGINE_URL": "postgres://engine@localhost/none",
        "DATABASE_OWNER_URL": "postgres://owner@localhost/none",
        "BASE_URL": "https://fanfare.invalid",
        "SECRET_KEY": secret,
        "FIELD_ENCRYPTION_KEYS": secret,
    }
    for name, value in lent.items():
        if not os.environ.get(name):
            os.environ[name] = value


def read_env_file() -> None:
    """Add the lines of .env to the environment. Variables that are already set stay."""
    import environ

    if (ROOT / ".env").exists():
        environ.Env.read_env(ROOT / ".env")


def use_embedded_database() -> None:
    """If DATABASE_URL is not set, start the embedded PostgreSQL under var/postgres and set its addresses."""
    if os.environ.get("DATABASE_URL"):
        return
    from django.core.exceptions import ImproperlyConfigured

    from kernel import embedded_postgres

    try:
        urls = embedded_postgres.ensure_running(ROOT / "var" / "postgres")
    except embedded_postgres.Unavailable as problem:
        raise ImproperlyConfigured(str(problem)) from None
    os.environ.update(urls.as_environment(), FANFARE_LOCAL="1")
