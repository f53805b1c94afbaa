"""The roles of the database: owner (migrates), web (row-level security applies), engine and backup (bypass it).

After every migrate, the grants of the web, engine and backup roles and the signing key of the tenant context are
brought up to date. So every new table has the same grants as the others.
"""

from urllib.parse import unquote, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from psycopg import sql

from kernel import rls

KEYS_KEPT = 2  # the current one and the previous one, for processes that still run with the old SECRET_KEY


def role_of(alias: str) -> str:
    return connections[alias].settings_dict["USER"]


def one_role() -> bool:
    """True if web and engine connect as the owner. Everything works then, but row-level security protects less."""
    return role_of("default") == role_of("owner")


def synchronise(alias: str = "owner") -> None:
    """Store the signing key; grant web and engine their rights on every table. Safe to repeat."""
    inner, outer = rls.padded_keys()
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO fanfare.context_key VALUES (%s, %s) ON CONFLICT (inner_key) DO NOTHING", [inner, outer]
        )
        cursor.execute(
            "DELETE FROM fanfare.context_key WHERE inner_key NOT IN "
            "(SELECT inner_key FROM fanfare.context_key ORDER BY stored_at DESC LIMIT %s)",
            [KEYS_KEPT],
        )
        for role in {role_of("default"), role_of("engine")} - {role_of("owner")}:
            for statement in GRANTS:
                cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
        backup = backup_role()
        for statement in BACKUP_GRANTS if backup else []:
            cursor.execute(sql.SQL(statement).format(role=sql.Identifier(backup)))


def backup_role() -> str:
    """The role that dumps, from DATABASE_BACKUP_URL. Empty if the owner does."""
    name = unquote(urlsplit(settings.DATABASE_BACKUP_URL).username or "")
    return name if name != role_of("owner") else ""


# Without TRUNCATE (it ignores row-level security), REFERENCES and TRIGGER. Nobody may read the table of keys.
GRANTS = [
    "GRANT USAGE ON SCHEMA public, fanfare TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA fanfare TO {role}",
]

# A dump holds everything, the keys and the sequences, too.
BACKUP_GRANTS = [
    "GRANT USAGE ON SCHEMA public, fanfare TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public, fanfare TO {role}",
    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public, fanfare TO {role}",
]


def sync_after_migrate(sender: AppConfig, using: str, **kwargs) -> None:
    """post_migrate is sent once per app, after all tables exist. Acting on one of them is enough."""
    if using == "owner" and sender.label == "accounts":
        synchronise(using)
