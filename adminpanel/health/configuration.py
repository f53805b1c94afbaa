"""The settings by themselves: what can be told without asking anybody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from adminpanel.health.findings import Check, Finding

MIN_KEY_LENGTH = 32
MIN_CHARACTERS = 10  # different ones
NEW_KEY = "Make one with: manage.py doctor --new-key."


def django() -> Iterator[Finding]:
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    serious = [message for message in found if message.is_serious(checks.ERROR)]
    if not serious:
        yield Finding("settings", True, "no errors")
    for message in serious:
        yield Finding("settings", False, str(message.msg), message.hint or "")


def debug() -> Iterator[Finding]:
    if settings.LOCAL or not settings.DEBUG:
        yield Finding("debug", True, "on, on a developer's machine" if settings.DEBUG else "off")
        return
    todo = "Unset DEBUG: error pages show settings and source to everybody."
    yield Finding("debug", False, "DEBUG is on", todo)


def keys() -> Iterator[Finding]:
    weak = {"SECRET_KEY": [settings.SECRET_KEY], "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS}
    weak["LINK_KEYS"] = settings.LINK_KEYS
    for name, values in weak.items():
        n = sum(_is_weak(value) for value in values)
        advice = {
            "SECRET_KEY": f"It signs sessions and the tenant context. {NEW_KEY} To change it: docs/operate/install.md.",
            "FIELD_ENCRYPTION_KEYS": f"{NEW_KEY} Put it first and keep the old one behind it.",
            "LINK_KEYS": f"{NEW_KEY} Put it first and keep the old one behind it.",
        }[name]
        yield Finding(name, not n, "too short or too simple" if n else "strong enough", advice)


def _is_weak(key: str) -> bool:
    return len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_CHARACTERS


def base_url() -> Iterator[Finding]:
    parts = urlsplit(settings.BASE_URL)
    todo = ""
    if parts.scheme != "https" and not settings.LOCAL:
        todo = "Passwords and sessions travel unencrypted. Set up TLS, and BASE_URL=https://..."
    elif parts.path or parts.query:
        todo = "Fanfare can't live below a path: give it a host name of its own."
    yield Finding("BASE_URL", not todo, settings.BASE_URL, todo)


def mail_is_sent() -> Iterator[Finding]:
    module = settings.EMAIL_BACKEND.rpartition(".")[0]
    if settings.LOCAL or module.rpartition(".")[2] not in ("console", "dummy", "filebased", "unsent_mail"):
        return
    todo = "Set EMAIL_URL=smtp+tls://user:password@host:587: without it nobody can confirm an address or be invited."
    yield Finding("EMAIL_URL", False, "not set: Fanfare's own mails reach nobody", todo)


def second_factor() -> Iterator[Finding]:
    """Off is for a demo on a laptop; https means that others reach this installation."""
    is_off = not settings.ADMIN_SECOND_FACTOR and settings.BASE_URL.startswith("https:")
    todo = "Unset ADMIN_SECOND_FACTOR: a password alone opens the admin, and with it every workspace."
    yield Finding("ADMIN_SECOND_FACTOR", not is_off, "the admin needs none" if is_off else "as it should be", todo)


def epoch_file() -> Iterator[Finding]:
    path = Path(settings.EPOCH_FILE)
    folder = next((parent for parent in path.parents if parent.exists()), Path("/"))
    writable = (
        folder.is_dir()
        and os.access(folder, os.W_OK | os.X_OK)
        and (not path.exists() or os.access(path, os.R_OK | os.W_OK))
    )
    todo = (
        f"Let the user that runs Fanfare write {path}, or set EPOCH_FILE to a place where it may. Without the file, a "
        "disk snapshot of the database that is put back is not noticed, and people get messages twice."
    )
    yield Finding("EPOCH_FILE", writable and not path.is_dir(), str(path), todo)


CHECKS: list[Check] = [django, debug, keys, base_url, mail_is_sent, second_factor, epoch_file]
