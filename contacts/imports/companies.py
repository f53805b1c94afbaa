"""Writes a chunk's companies, which are identified by name, and their key contacts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from django.db.backends.utils import CursorWrapper

from contacts.imports import memberships, people, staging
from contacts.imports.company_rows import CompanyRow
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport

COUNTS = ("created", "updated", "skipped", "seen")
COLUMNS = ("name", "status", "kind", "industry", "size", "email", "phone", "website")
TABLE = """
CREATE TEMP TABLE IF NOT EXISTS company_rows (
    n bigint NOT NULL, name text NOT NULL, status text NOT NULL, kind text NOT NULL, industry text NOT NULL,
    size text NOT NULL, email text NOT NULL, phone text NOT NULL, website text NOT NULL
) ON COMMIT DELETE ROWS
"""
# The rows with the verdict on each. {seen} is true if an earlier row of the import was about the same company. The rows
# come with it, because PostgreSQL would join them with their verdicts by comparing each with each.
VERDICTS = """
SELECT f.*, o.id, CASE
    WHEN row_number() OVER (PARTITION BY lower(f.name) ORDER BY f.n) > 1 OR {seen} THEN 'seen'
    WHEN o.id IS NULL OR o.deleted_at IS NOT NULL THEN CASE WHEN %(mode)s = 'update' THEN 'skipped'
        WHEN o.id IS NULL THEN 'created' ELSE 'updated' END
    WHEN %(mode)s = 'add' THEN 'skipped'
    ELSE 'updated' END AS verdict
FROM company_rows f LEFT JOIN contacts_company o ON o.workspace_id = (SELECT %(ws)s) AND o.name_key = lower(f.name)
"""
SEEN = "o.import_id = %(import)s"
_KEEP = "{0} = CASE WHEN f.{0} <> '' THEN f.{0} ELSE o.{0} END"
UPDATE = f"""
UPDATE contacts_company o SET {", ".join(_KEEP.format(name) for name in COLUMNS if name != "name")},
    deleted_at = NULL, updated_at = now(), import_id = %(import)s,
    import_effect = CASE WHEN o.import_id = %(import)s THEN o.import_effect ELSE 'updated' END
FROM ({VERDICTS.format(seen=SEEN)}) f
WHERE o.workspace_id = (SELECT %(ws)s) AND o.id = f.id AND f.verdict IN ('updated', 'seen')
"""  # noqa: S608
CREATE = """
INSERT INTO contacts_company (workspace_id, name, status, kind, industry, size, email, phone, website, import_id,
                              import_effect, created_at, updated_at)
SELECT DISTINCT ON (lower(f.name)) %(ws)s, f.name, coalesce(nullif(f.status, ''), 'active'),
       coalesce(nullif(f.kind, ''), 'prospect'), f.industry, f.size, f.email, f.phone, f.website, %(import)s,
       'created', now(), now()
FROM company_rows f WHERE %(mode)s <> 'update' ORDER BY lower(f.name), f.n
ON CONFLICT (workspace_id, name_key) DO NOTHING
"""
TOUCH_AGAIN = """
INSERT INTO touched (n, contact_id, effect)
SELECT i.n, coalesce(c.merged_into_id, c.id), 'seen'
FROM incoming i JOIN contacts_contact c ON c.workspace_id = (SELECT %(ws)s) AND c.email = i.email
WHERE NOT EXISTS (SELECT FROM touched t WHERE t.n = i.n)
"""


def stage(cursor: CursorWrapper, rows: list[CompanyRow]) -> None:
    with cursor.copy(f"COPY company_rows (n, {', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.number, *(getattr(row, name) for name in COLUMNS)))


def count(cursor: CursorWrapper, settings: RunSettings, params: dict, *, seen: str = SEEN) -> dict[str, int]:
    """The number of staged rows for each name in COUNTS."""
    return _totals(_verdicts(cursor, params | {"mode": settings.mode}, seen))


def _verdicts(cursor: CursorWrapper, params: dict, seen: str = SEEN) -> dict[int, str]:
    """The verdict on each staged row, by row number."""
    cursor.execute(f"SELECT f.n, f.verdict FROM ({VERDICTS.format(seen=seen)}) f", params)  # noqa: S608
    return dict(cursor.fetchall())


def _totals(verdicts: dict[int, str]) -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0) | Counter(verdicts.values())


def write(
    cursor: CursorWrapper, contact_import: ContactImport, settings: RunSettings, rows: list[CompanyRow]
) -> dict[str, int]:
    """Write the rows. Returns the counts."""
    params = people.params_of(contact_import) | {"mode": settings.mode}
    cursor.execute(TABLE)
    stage(cursor, rows)
    verdicts = _verdicts(cursor, params)
    cursor.execute(UPDATE, params)
    cursor.execute(CREATE, params)
    left_alone = {row.name.lower() for row in rows if verdicts[row.number] == "skipped"}
    _write_key_contacts(cursor, contact_import, settings, [row for row in rows if row.name.lower() not in left_alone])
    return _totals(verdicts)


def _write_key_contacts(
    cursor: CursorWrapper, contact_import: ContactImport, settings: RunSettings, rows: list[CompanyRow]
) -> None:
    """Create or update the key contacts, without consent: a file of companies proves no person's consent."""
    named = [row for row in rows if row.contact_email]
    if not named:
        return
    mapping = ["email", "company", "company_role"]
    settings = replace(settings, target="contacts", mode="both", channels=(), mapping=mapping)
    gone = set(people.erased(cursor, contact_import.workspace_id, _contacts(named)))
    first_rows: dict[str, Row] = {}
    for row in _contacts(named):
        if row.number not in gone:
            first_rows.setdefault(row.email or "", row)
    params = people.params_of(contact_import)
    people.write(cursor, contact_import, settings, [list(first_rows.values())], keep_touched=True)
    # A person may be the key contact of several companies: written once, linked to each.
    again = [
        row for row in _contacts(named) if row.number not in gone and first_rows[row.email or ""].number != row.number
    ]
    if again:
        staging.stage(cursor, settings, again)
        cursor.execute(TOUCH_AGAIN, params)
    cursor.execute(memberships.PEOPLE_OF_COMPANIES, params)


def _contacts(rows: list[CompanyRow]) -> list[Row]:
    return [Row(row.number, email=row.contact_email, companies=frozenset({row.name}), role=row.role) for row in rows]
