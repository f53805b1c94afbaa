"""What `manage.py check` says about the kernel's settings."""

from django.core.checks import Warning, register

from kernel import roles


@register()
def one_database_role(app_configs, **kwargs):
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
