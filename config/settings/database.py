"""PostgreSQL, reached as three roles: web (row-level security applies), engine (bypasses it), owner (migrates)."""

import environ
from django.core.exceptions import ImproperlyConfigured

from .environment import ROOT, setting

_HINT = "Say postgres://user:password@host:5432/name, PostgreSQL 15 or newer."


def _database(variable: str, default: str | None = None) -> dict:
    url = setting(variable, default=default) if default else setting(variable, hint=_HINT)
    try:
        parsed = environ.Env.db_url_config(url)
    except Exception:
        raise ImproperlyConfigured(f"{variable} can't be read as a database address. {_HINT}") from None
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        raise ImproperlyConfigured(f"{variable} must point to a PostgreSQL database. {_HINT}")
    options = {"connect_timeout": 3, "keepalives_idle": 10, "tcp_user_timeout": 30_000, **parsed.pop("OPTIONS", {})}
    # Commits must be durable, whatever the server's default is: if a crash undid a gate or an unsubscribe, messages
    # would be sent twice or against people's will.
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=on".strip()
    # No connection pool: it does not survive django-q2's fork.
    return parsed | {"CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


_WEB = setting("DATABASE_URL", hint=_HINT)
DATABASES = {
    "default": _database("DATABASE_URL"),
    "engine": _database("DATABASE_ENGINE_URL", _WEB),
    "owner": _database("DATABASE_OWNER_URL", _WEB),
}
# The role that dumps is no connection of Django's: only pg_dump uses it (`kernel.dumping`).
DATABASE_BACKUP_URL = setting("DATABASE_BACKUP_URL", default="")
BACKUP_FOLDER = setting("BACKUP_FOLDER", default=str(ROOT / "var" / "backups"))
BACKUP_DAYS = setting("BACKUP_DAYS", int, 14)
BACKUP_KEEP = setting("BACKUP_KEEP", int, 7)
POSTGRES_BIN = setting("POSTGRES_BIN", default="")
DATABASE_ROUTERS = ["kernel.tenancy.Router"]
# Apps and models that only the engine role may read and write: what decides who somebody is and what they may do, and
# what a worker executes or unpickles.
ENGINE_ONLY = {
    "account",
    "accounts.invitation",
    "accounts.membership",
    "accounts.user",
    "admin",
    "auth",
    "contacts.changereader",
    "django_cache",
    "django_q.failure",
    "django_q.schedule",
    "django_q.success",
    "django_q.task",
    "kernel.filemarker",
    "mfa",
    "sessions",
    "socialaccount",
    "usersessions",
}
# Of these, the web role may join rows: who wrote a note, who acted. Row-level security says whose.
JOINED_BY_WEB = ["accounts.user"]


def _see_all_workspaces() -> None:
    """Give the owner's connection, and an engine's that uses the same role, the context of all workspaces.

    kernel.rls.sign does the same, but can't be imported before the settings exist.
    """
    import hashlib
    import hmac

    from .base import SECRET_KEY

    key = hmac.new(SECRET_KEY.encode(), b"fanfare tenancy context", hashlib.sha256).digest()
    context = "*|0|" + hmac.new(key, b"*|0", hashlib.sha256).hexdigest()
    aliases = ["owner"]
    if DATABASES["engine"]["USER"] == DATABASES["owner"]["USER"]:
        aliases.append("engine")
    for alias in aliases:
        options = DATABASES[alias]["OPTIONS"]
        options["options"] = f"{options.get('options', '')} -c fanfare.context={context}".strip()


_see_all_workspaces()
