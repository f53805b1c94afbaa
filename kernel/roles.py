"""The roles of the database: owner (migrates), web (row-level security applies), engine and backup (bypass it).

After every migrate, the grants of the web, engine and backup roles and the signing key of the tenant context are
brought up to date. So every new table has the same grants as the others.

The web role gets no rights on what decides who somebody is (settings.ENGINE_ONLY), and nobody's function finds a table
of that role in place of ours: temporary tables are for the engine, and every function has a fixed search path.
"""

from urllib.parse import unquote, urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from kernel import rls
from kernel.tenancy import EngineOnlyCharField, is_engine_only

KEYS_KEPT = 2  # the current one and the previous one, for processes that still run with the old SECRET_KEY


def role_of(alias: str) -> str:
    return connections[alias].settings_dict["USER"]


def one_role() -> bool:
    """True if web and engine connect as the owner. Everything works then, but row-level security protects less."""
    return role_of("default") == role_of("owner")


def synchronise(alias: str = "owner") -> None:
    """Store the signing key; grant web and engine their rights on every table. Safe to repeat, while pages are served:
    it is one transaction."""
    inner, outer = rls.padded_keys()
    with transaction.atomic(alias), connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO fanfare.context_key VALUES (%s, %s) ON CONFLICT (inner_key) DO NOTHING", [inner, outer]
        )
        cursor.execute(
            "DELETE FROM fanfare.context_key WHERE inner_key NOT IN "
            "(SELECT inner_key FROM fanfare.context_key ORDER BY stored_at DESC LIMIT %s)",
            [KEYS_KEPT],
        )
        _fix_search_paths(cursor)
        for role in {role_of("default"), role_of("engine")} - {role_of("owner")}:
            for statement in GRANTS:
                cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
        if role_of("default") not in (role_of("engine"), role_of("owner")):
            _guard(cursor, sql.Identifier(role_of("default")), sql.Identifier(role_of("engine")))
        backup = backup_role()
        for statement in BACKUP_GRANTS if backup else []:
            cursor.execute(sql.SQL(statement).format(role=sql.Identifier(backup)))
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")
        for (partition,) in cursor.fetchall():
            keep_to_owner(cursor, partition)


def keep_to_owner(cursor: CursorWrapper, partition: str) -> None:
    """Let nobody name a partition but the owner, and the backup role, which dumps each by itself. Through their table
    all roles reach its rows, by the table's grants and policies."""
    for role in {role_of("default"), role_of("engine")} - {role_of("owner")}:
        cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(partition), sql.Identifier(role)))
    backup = backup_role()
    if backup:
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(partition), sql.Identifier(backup)))


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


def _guard(cursor: CursorWrapper, web: sql.Identifier, engine: sql.Identifier) -> None:
    """Take from the web role what only the engine may see; and temporary tables, which shadow others."""
    for table in engine_only_tables():
        cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), web))
    for table, columns in joined_columns().items():
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        cursor.execute(sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(names, sql.Identifier(table), web))
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
    cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM {}").format(database, web))
    cursor.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, engine))


def engine_only_tables() -> set[str]:
    """The tables of settings.ENGINE_ONLY, and that of the cache, whose values are unpickled."""
    models = apps.get_models(include_auto_created=True)
    cached = {vars(cache)["_table"] for cache in caches.all() if isinstance(cache, BaseDatabaseCache)}
    return cached | {model._meta.db_table for model in models if is_engine_only(model) and not model._meta.proxy}


def joined_columns() -> dict[str, list[str]]:
    """What the web role may read all the same, in joins: {table: columns}. Not the columns that are the engine's."""
    return {
        model._meta.db_table: [
            field.column for field in model._meta.concrete_fields if not isinstance(field, EngineOnlyCharField)
        ]
        for model in map(apps.get_model, settings.JOINED_BY_WEB)
    }


def _fix_search_paths(cursor: CursorWrapper) -> None:
    """Temporary tables last: PostgreSQL looks there first otherwise, and a trigger would check a caller's table."""
    cursor.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE p.pronamespace = 'public'::regnamespace AND r.rolname = current_user AND p.prokind = 'f' "
        "AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%%')"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET search_path = pg_catalog, public, pg_temp")


def sync_after_migrate(sender: AppConfig, using: str, **kwargs) -> None:
    """post_migrate is sent once per app, after all tables exist. Acting on one of them is enough."""
    if using == "owner" and sender.label == "accounts":
        synchronise(using)
