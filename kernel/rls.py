"""Row-level security with a signed context. It protects tenants even where the code forgets a filter.

Every tenant table has a policy: a row's workspace_id must equal the workspace in the transaction's setting
`fanfare.context`. The setting is `<workspace>|<expiry>|<mac>`. The MAC is HMAC-SHA256 (RFC 2104) over the first two
fields. Only the function that checks it may read the key, so an injected `SET fanfare.context = ...` forges nothing.
The HMAC is built on PostgreSQL's own sha256(), because pgcrypto is not installed everywhere.

`*` in place of the workspace means all workspaces. Only the owner's policy accepts it: it serves migrations and the
set-up with one role, and is useless to the web role.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from kernel import causes

TTL = 600  # seconds a context is valid; compared with the start of the transaction
BLOCK = 64  # SHA-256's block size, RFC 2104
ALL = "*"


def key() -> bytes:
    """The signing key, derived from SECRET_KEY. `manage.py db roles` and every migrate store it in the database."""
    return hmac.new(settings.SECRET_KEY.encode(), b"fanfare tenancy context", hashlib.sha256).digest()


def padded_keys() -> tuple[bytes, bytes]:
    """HMAC's inner and outer padded keys. They are computed here because SQL has no XOR of bytea."""
    block = key().ljust(BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def sign(workspace: int | str, expires: int) -> str:
    """A context for the setting `fanfare.context`. `expires` is in Unix seconds; 0 means never."""
    payload = f"{workspace}|{expires}"
    return f"{payload}|{hmac.new(key(), payload.encode(), hashlib.sha256).hexdigest()}"


def enter(workspace_id: int) -> None:
    """Set the workspace of the current transaction, and what causes its changes."""
    context = sign(workspace_id, int(time.time()) + TTL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('fanfare.context', %s, true), set_config('fanfare.cause', %s, true)",
            [context, causes.current()],
        )


def all_workspaces_context() -> str:
    """The context of the owner's connection. It does not expire, so it is as secret as the key it is made from."""
    return sign(ALL, 0)


INSTALL = """
CREATE SCHEMA IF NOT EXISTS fanfare;
CREATE TABLE fanfare.context_key (inner_key bytea NOT NULL, outer_key bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (inner_key));

-- The payload of the context if its MAC is right and it has not expired; NULL where there is no context.
CREATE FUNCTION fanfare.context() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    part text[] := string_to_array(nullif(current_setting('fanfare.context', true), ''), '|');
    payload text;
BEGIN
    IF part IS NULL THEN RETURN NULL; END IF;
    payload := part[1] || '|' || part[2];
    IF array_length(part, 1) IS DISTINCT FROM 3 OR NOT EXISTS (
        SELECT FROM fanfare.context_key k
        WHERE encode(sha256(k.outer_key || sha256(k.inner_key || convert_to(payload, 'UTF8'))), 'hex') = part[3]
    ) OR (part[2] <> '0' AND part[2]::bigint < extract(epoch FROM now())) THEN
        RAISE EXCEPTION 'fanfare: bad tenant context' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN part[1];
END $$;

CREATE FUNCTION fanfare.workspace() RETURNS bigint LANGUAGE sql STABLE SET search_path = pg_catalog AS
$$ SELECT nullif(fanfare.context(), '*')::bigint $$;

CREATE FUNCTION fanfare.sees_all() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS
$$ SELECT fanfare.context() = '*' $$;
"""

UNINSTALL = "DROP SCHEMA fanfare CASCADE;"

# (SELECT ...) becomes an InitPlan, so the function runs once per statement and not once per row.
PROTECT = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace ON {table} USING (workspace_id = (SELECT fanfare.workspace()))
    WITH CHECK (workspace_id = (SELECT fanfare.workspace()));
CREATE POLICY owner ON {table} TO CURRENT_USER USING ((SELECT fanfare.sees_all()))
    WITH CHECK ((SELECT fanfare.sees_all()));
"""

UNPROTECT = """
DROP POLICY workspace ON {table};
DROP POLICY owner ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class ProtectTable(Operation):
    """Put a tenant table under row-level security. `makemigrations` adds it after every new workspace model."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str):
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._run(PROTECT, app_label, schema_editor, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._run(UNPROTECT, app_label, schema_editor, from_state)

    def _run(self, sql: str, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> None:
        model = state.apps.get_model(app_label, self.model_name)
        # The composite foreign keys of the table are still deferred SQL here; policies do not depend on them.
        schema_editor.execute(sql.format(table=schema_editor.quote_name(model._meta.db_table)))

    def describe(self) -> str:
        return f"Protect {self.model_name} by row-level security"

    def references_model(self, name: str, app_label: str) -> bool:
        return name.lower() == self.model_name.lower()


class SameWorkspace(models.BaseConstraint):
    """A composite foreign key (workspace_id, x_id): no row can refer to a row of another workspace.

    Foreign key checks bypass row-level security, so a plain key would accept an id of another workspace. The field
    itself has db_constraint=False; this constraint is its only foreign key in the database.
    """

    def __init__(self, field: str, *, name: str | None = None):
        self.field = field
        super().__init__(name=name or f"%(app_label)s_%(class)s_{field}_ws")

    def deconstruct(self) -> tuple[str, tuple[str], dict]:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), kwargs

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and (self.field, self.name) == (other.field, other.name)

    __hash__ = None  # type: ignore[assignment]  # it has __eq__ and changes, so it can't be a key

    def clone(self) -> SameWorkspace:
        return type(self)(self.field, name=self.name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        target = field.related_model._meta.db_table
        return (
            f"CREATE UNIQUE INDEX IF NOT EXISTS {quote(target + '_ws')} ON {quote(target)} (workspace_id, id);"
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (workspace_id, {quote(field.column)}) REFERENCES {quote(target)} (workspace_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str | None = None,
    ) -> None:
        """Do nothing: the database checks it, and a form's choices come from the scoped manager anyway."""


class SameWorkspaceInSets(SameWorkspace):
    """The same check for tables that get hundreds of thousands of rows: a trigger checks all new rows of a statement
    together. A foreign key checks each row by itself, which took more than half of the time of an import (measured).

    The price: it takes no lock. If the target is deleted at that very moment, or without the rows that refer to it, a
    row is left with a reference to nothing. It never refers to a row of another workspace.
    """

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        table, column = model._meta.db_table, quote(model._meta.get_field(self.field).column)
        target = model._meta.get_field(self.field).related_model._meta.db_table
        # OFFSET 0 makes the planner look up each row, whatever it estimates about the sizes of the tables.
        stray = (
            f"SELECT FROM fresh f WHERE NOT EXISTS (SELECT FROM {quote(target)} t "  # noqa: S608
            f"WHERE t.workspace_id = f.workspace_id AND t.id = f.{column} OFFSET 0)"
        )
        function = (
            f"CREATE FUNCTION {quote(self.name)}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN "
            f"IF EXISTS ({stray}) THEN RAISE foreign_key_violation "
            f"USING MESSAGE = '{table}.{self.field} must be of the same workspace', "
            f"TABLE = '{table}', CONSTRAINT = '{self.name}'; END IF; RETURN NULL; END $$;"
        )
        triggers = (
            f"CREATE TRIGGER {quote(f'{self.name}_{event.lower()}')} AFTER {event} ON {quote(table)} "
            f"REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {quote(self.name)}();"
            for event in ("INSERT", "UPDATE")
        )
        index = f"CREATE UNIQUE INDEX IF NOT EXISTS {quote(target + '_ws')} ON {quote(target)} (workspace_id, id);"
        return index + function + "".join(triggers)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f"DROP FUNCTION {schema_editor.quote_name(self.name)} CASCADE"
