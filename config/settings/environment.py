"""Read settings from the environment, with a helpful message if one is missing or wrong."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

REQUIRED = object()


def setting(name: str, cast: Callable | list[type] = str, default: Any = REQUIRED, *, hint: str = "") -> Any:
    """The value of one environment variable, cast by django-environ. Raises ImproperlyConfigured, with what to do."""
    if not os.environ.get(name):
        if default is REQUIRED:
            raise ImproperlyConfigured(f"{name} is not set. {hint or 'See .env.example.'}")
        return default
    try:
        return env.get_value(name, cast=cast)
    except (ValueError, KeyError, TypeError):
        kind = getattr(cast, "__name__", str(cast))
        raise ImproperlyConfigured(f"{name} is {os.environ[name]!r}, which is not a valid {kind}. {hint}") from None


def flag(name: str, default: bool) -> bool:
    """A yes-or-no environment variable. Raises ImproperlyConfigured."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; say 1 or 0.")


# Set by config.startup with the embedded database. It means a developer's machine, where secrets may be generated.
LOCAL = flag("FANFARE_LOCAL", False)


def secret(name: str, hint: str) -> str:
    """A secret from the environment. With the embedded database, a random one is generated and kept under var/."""
    if os.environ.get(name):
        return os.environ[name]
    if not LOCAL:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    path = ROOT / "var" / name.lower()
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    return path.read_text()
