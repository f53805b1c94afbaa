"""Counts the fields, tags, lists and companies that an import would create, and names the first ones.

The names are kept in a temporary table, so memory does not grow with the file.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.imports.run_settings import RunSettings
from contacts.models import ContactField, ContactImport
from contacts.models.name_key import NAME_KEY

MAX_NAMES = 20
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS forecast_creations (
    kind text NOT NULL, key text COLLATE "C" NOT NULL, name text NOT NULL, n bigint NOT NULL, PRIMARY KEY (kind, key)
) ON COMMIT PRESERVE ROWS;
TRUNCATE forecast_creations;
"""
# As in contacts.imports.memberships: of several ways to write a name, a chunk creates this one.
_WRITTEN = {"tags": "a.name", "lists": "a.name", "companies": "a.n, a.name"}
_KEYS = {"tags": NAME_KEY.format("a.name"), "lists": NAME_KEY.format("a.name"), "companies": "lower(a.name)"}
_KNOWN = {
    "tags": "SELECT FROM contacts_tag o WHERE o.workspace_id = (SELECT %(ws)s) AND o.name_key = f.key "
    "AND o.deleted_at IS NULL",
    "lists": "SELECT FROM contacts_contactlist o WHERE o.workspace_id = (SELECT %(ws)s) AND o.name_key = f.key "
    "AND o.deleted_at IS NULL",
    # One that is in the trash comes back.
    "companies": "SELECT FROM contacts_company o WHERE o.workspace_id = (SELECT %(ws)s) AND o.name_key = f.key",
}
ADD = """
INSERT INTO forecast_creations (kind, key, name, n)
SELECT %(kind)s, f.key, f.name, f.n FROM (
    SELECT DISTINCT ON ({key}) {key} AS key, a.name, min(a.n) OVER (PARTITION BY {key}) AS n FROM ({asked}) a
    ORDER BY {key}, {written}) f
WHERE NOT EXISTS ({known}) ON CONFLICT DO NOTHING
"""
ASKED = """SELECT u.name, i.n FROM incoming i CROSS JOIN unnest(i.{kind}) AS u(name)
    WHERE i.n <> ALL(%(left_out)s::bigint[])"""
OF_FILE = "SELECT u.name, u.n - %(names)s AS n FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS u(name, n)"


def begin(cursor: CursorWrapper, contact_import: ContactImport) -> None:
    """Make the table, with the tags and lists for everyone in the file."""
    cursor.execute(TABLES)
    for kind in ("tags", "lists"):
        if names := contact_import.to_make.get(kind):
            params: dict[str, Any] = {
                "ws": contact_import.workspace_id,
                "kind": kind,
                "names": len(names),
                "texts": names,
            }
            cursor.execute(_add(kind, OF_FILE), params)


def add(
    cursor: CursorWrapper,
    contact_import: ContactImport,
    settings: RunSettings,
    left_out: list[int],
) -> None:
    """Add what the rows of a chunk, in `incoming`, would create; `left_out` are the numbers of those that are skipped
    or rejected."""
    params: dict[str, Any] = {"ws": contact_import.workspace_id, "left_out": left_out}
    named = [kind for kind in ("tags", "lists") if kind in settings.mapping]
    for kind in [*named, "companies"] if settings.names_companies else named:
        cursor.execute(_add(kind, ASKED.format(kind=kind)), params | {"kind": kind})


def found(cursor: CursorWrapper, contact_import: ContactImport) -> dict[str, dict]:
    """By kind ("fields", "tags", "lists", "companies"), how many would be created ("count") and the first "names"."""
    creations = {}
    labels = [field["label"] for field in _new_fields(contact_import).values()]
    if labels:
        creations["fields"] = {"count": len(labels), "names": labels[:MAX_NAMES]}
    for kind in _KEYS:
        cursor.execute("SELECT count(*) FROM forecast_creations WHERE kind = %s", [kind])
        if count := cursor.fetchone()[0]:
            cursor.execute(
                "SELECT name FROM forecast_creations WHERE kind = %s ORDER BY n, name LIMIT %s", [kind, MAX_NAMES]
            )
            creations[kind] = {"count": count, "names": [name for (name,) in cursor.fetchall()]}
    return creations


def _new_fields(contact_import: ContactImport) -> dict[str, dict]:
    """The fields of the import that don't exist: one in the trash comes back."""
    fields: dict[str, dict] = contact_import.to_make.get("fields", {})
    rows = ContactField.objects.filter(workspace_id=contact_import.workspace_id, name__in=fields)
    known = set(rows.values_list("name", flat=True))
    return {name: field for name, field in fields.items() if name not in known}


def _add(kind: str, asked: str) -> str:
    return ADD.format(key=_KEYS[kind], written=_WRITTEN[kind], known=_KNOWN[kind], asked=asked)
