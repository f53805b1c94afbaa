"""Writing a chunk's companies, known by their names, and their key contacts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from contacts.imports import memberships, people, staging
from contacts.imports.company_rows import FirmRow
from contacts.imports.contact_rows import Row
from contacts.imports.run_settings import Plan
from contacts.models import ContactImport

COUNTS = ("created", "updated", "skipped", "seen")
COLUMNS = ("name", "status", "kind", "industry", "size", "email", "phone", "website")
TABLE = """
CREATE TEMP TABLE IF NOT EXISTS firms (
    n bigint NOT NULL, name text NOT NULL, status text NOT NULL, kind text NOT NULL, industry text NOT NULL,
    size text NOT NULL, email text NOT NULL, phone text NOT NULL, website text NOT NULL
) ON COMMIT DELETE ROWS
"""
# What becomes of each: {seen} says whether an earlier row of the import was about the same company.
VERDICTS = """
SELECT f.n, o.id, CASE
    WHEN row_number() OVER (PARTITION BY lower(f.name) ORDER BY f.n) > 1 OR {seen} THEN 'seen'
    WHEN o.id IS NULL OR o.deleted_at IS NOT NULL THEN CASE WHEN %(mode)s = 'update' THEN 'skipped'
        WHEN o.id IS NULL THEN 'created' ELSE 'updated' END
    WHEN %(mode)s = 'add' THEN 'skipped'
    ELSE 'updated' END AS verdict
FROM firms f LEFT JOIN contacts_company o ON o.workspace_id = %(ws)s AND o.name_key = lower(f.name)
"""
SEEN = "o.import_id = %(import)s"
_KEEP = "{0} = CASE WHEN f.{0} <> '' THEN f.{0} ELSE o.{0} END"
UPDATE = f"""
UPDATE contacts_company o SET {", ".join(_KEEP.format(name) for name in COLUMNS if name != "name")},
    deleted_at = NULL, updated_at = now(), import_id = %(import)s,
    import_effect = CASE WHEN o.import_id = %(import)s THEN o.import_effect ELSE 'updated' END
FROM firms f JOIN ({VERDICTS.format(seen=SEEN)}) v ON v.n = f.n
WHERE o.workspace_id = %(ws)s AND o.id = v.id AND v.verdict IN ('updated', 'seen')
"""  # noqa: S608
CREATE = """
INSERT INTO contacts_company (workspace_id, name, status, kind, industry, size, email, phone, website, import_id,
                              import_effect, created_at, updated_at)
SELECT DISTINCT ON (lower(f.name)) %(ws)s, f.name, coalesce(nullif(f.status, ''), 'active'),
       coalesce(nullif(f.kind, ''), 'prospect'), f.industry, f.size, f.email, f.phone, f.website, %(import)s,
       'created', now(), now()
FROM firms f WHERE %(mode)s <> 'update' ORDER BY lower(f.name), f.n
ON CONFLICT (workspace_id, name_key) DO NOTHING
"""
AGAIN = """
INSERT INTO touched (n, contact_id, effect)
SELECT i.n, coalesce(c.merged_into_id, c.id), 'seen'
FROM incoming i JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.email = i.email
WHERE NOT EXISTS (SELECT FROM touched t WHERE t.n = i.n)
"""


def stage(cursor, rows: list[FirmRow]) -> None:
    with cursor.copy(f"COPY firms (n, {', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.number, *(getattr(row, name) for name in COLUMNS)))


def count(cursor, plan: Plan, params: dict, *, seen: str = SEEN) -> dict[str, int]:
    """How many of the staged rows are new, known, left alone and repeated."""
    return _totals(_verdicts(cursor, params | {"mode": plan.mode}, seen))


def _verdicts(cursor, params: dict, seen: str = SEEN) -> dict[int, str]:
    """What becomes of each staged row, by its number."""
    cursor.execute(VERDICTS.format(seen=seen), params)
    return {number: verdict for number, _company, verdict in cursor.fetchall()}


def _totals(verdicts: dict[int, str]) -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0) | Counter(verdicts.values())


def write(cursor, contact_import: ContactImport, plan: Plan, rows: list[FirmRow]) -> tuple[dict[str, int], list[int]]:
    """Write the rows. The counts, and no conflicts: a name means one company."""
    params = people.params_of(contact_import) | {"mode": plan.mode}
    cursor.execute(TABLE)
    stage(cursor, rows)
    verdicts = _verdicts(cursor, params)
    cursor.execute(UPDATE, params)
    cursor.execute(CREATE, params)
    left_alone = {row.name.lower() for row in rows if verdicts[row.number] == "skipped"}
    _write_key_contacts(cursor, contact_import, plan, [row for row in rows if row.name.lower() not in left_alone])
    return _totals(verdicts), []


def _write_key_contacts(cursor, contact_import: ContactImport, plan: Plan, rows: list[FirmRow]) -> None:
    """The person to ask for becomes a contact without consent: a company's file proves nobody's."""
    named = [row for row in rows if row.contact_email]
    if not named:
        return
    mapping = ["email", "company", "company_role"]
    plan = replace(plan, target="contacts", mode="both", channels=(), mapping=mapping)
    gone = set(people.erased(cursor, contact_import.workspace_id, _contacts(named)))
    once: dict[str, Row] = {}
    for row in _contacts(named):
        if row.number not in gone:
            once.setdefault(row.email or "", row)
    params = people.params_of(contact_import)
    people.write(cursor, contact_import, plan, [list(once.values())], keep=True)
    # Somebody may be the key contact of several companies: written once, and linked to each.
    again = [row for row in _contacts(named) if row.number not in gone and once[row.email or ""].number != row.number]
    if again:
        staging.stage(cursor, plan, again)
        cursor.execute(AGAIN, params)
    cursor.execute(memberships.PEOPLE_OF_COMPANIES, params)


def _contacts(rows: list[FirmRow]) -> list[Row]:
    return [Row(row.number, email=row.contact_email, companies=frozenset({row.name}), role=row.role) for row in rows]
