"""The migration that makes a table a partitioned one. The rows that are there become its first partition: none is
copied. PostgreSQL reads them once to see that they belong there, while it holds the table."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from kernel import roles
from kernel.partitions import bounds_sql, protect
from kernel.rls import PROTECT

INDEXES = """
SELECT i.relname, pg_get_indexdef(x.indexrelid), c.conname, pg_get_constraintdef(c.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid
WHERE x.indrelid = %s::regclass ORDER BY 1
"""
GRANTS = """
SELECT g.grantee::regrole::text, g.privilege_type FROM pg_class c, aclexplode(c.relacl) g
WHERE c.oid = %s::regclass AND g.grantee NOT IN (0, c.relowner)
"""


class PartitionTable(Operation):
    """Partition a model's table by ranges of `column`, a part of its primary key. `first_end` is a query in SQL
    for the value with which the partition of the present rows ends."""

    reversible = True

    def __init__(self, model_name: str, column: str, first_end: str, storage: str = ""):
        self.model_name, self.column, self.first_end, self.storage = model_name, column, first_end, storage

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._table(app_label, to_state)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(self.first_end)
            bounds = bounds_sql(None, cursor.fetchone()[0])
            first, default = f"{table}_first", f"{table}_default"
            _put_beside(cursor, table, first, f"PARTITION BY RANGE ({self.column})")
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {first} {bounds}")
            cursor.execute(f"CREATE TABLE {default} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
            protect(cursor, default)
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {default} DEFAULT")
            for part in (first, default):
                if self.storage:
                    cursor.execute(f"ALTER TABLE {part} SET ({self.storage})")
            roles.keep_to_owner(cursor, first)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._table(app_label, from_state)
        with schema_editor.connection.cursor() as cursor:
            old = f"{table}_partitioned"
            _put_beside(cursor, table, old, f"WITH ({self.storage})" if self.storage else "")
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {old}")  # noqa: S608
            cursor.execute(f"DROP TABLE {old}")

    def _table(self, app_label: str, state: ProjectState) -> str:
        return state.apps.get_model(app_label, self.model_name)._meta.db_table

    def describe(self) -> str:
        return f"Partition {self.model_name} by {self.column}"

    def references_model(self, name: str, app_label: str) -> bool:
        return name.lower() == self.model_name.lower()


def _put_beside(cursor: CursorWrapper, table: str, name: str, how: str) -> None:
    """Rename the table, and make an empty one with its columns, indexes, policies and grants under the old name."""
    cursor.execute(INDEXES, [table])
    indexes = cursor.fetchall()
    cursor.execute(GRANTS, [table])
    grants = cursor.fetchall()
    cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")
    for index, *_ in indexes:
        cursor.execute(f'ALTER INDEX "{index}" RENAME TO "{_renamed(index, table, name)}"')
    cursor.execute(f"CREATE TABLE {table} (LIKE {name} INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY) {how}")
    for _index, definition, constraint, meaning in indexes:
        if constraint:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {meaning}')
        else:
            cursor.execute(definition)
    cursor.execute(PROTECT.format(table=table))
    for role, privilege in grants:
        cursor.execute(f'GRANT {privilege} ON {table} TO "{role}"')


def _renamed(index: str, table: str, name: str) -> str:
    return index.replace(table, name)[:63] if table in index else f"{name}_{index}"[:63]
