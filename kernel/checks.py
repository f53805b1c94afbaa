"""Checks of the kernel's settings, for `manage.py check`."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from kernel import roles


@register()
def one_database_role(app_configs: Any, **kwargs) -> list[CheckMessage]:
    if not roles.one_role():
        return []
    return [
        Warning(
            "Web, engine and owner connect with one database role: row-level security can't protect against SQL "
            "injection.",
            hint="Run `manage.py db roles` once, and set DATABASE_URL, DATABASE_ENGINE_URL and DATABASE_OWNER_URL to "
            "the three addresses it prints.",
            id="fanfare.W001",
        )
    ]
