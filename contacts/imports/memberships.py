"""Adds tags, lists and companies to the contacts of a chunk: those for everyone in the file, and those of single rows.

Each row that is added stores its import. Existing rows stay as they are, so an undo removes only what the import added.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport
from contacts.models.name_key import NAME_KEY

# Tags are locked while they are given: a tag merge that ends meanwhile waits, and then moves these people, too.
TAGS_OF_FILE = """
WITH given AS MATERIALIZED (
    SELECT f.tag_id FROM contacts_importtag f JOIN contacts_tag g ON g.workspace_id = f.workspace_id AND g.id = f.tag_id
    WHERE f.workspace_id = (SELECT %(ws)s) AND f.contact_import_id = %(import)s FOR KEY SHARE OF g
)
INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id, import_id)
SELECT %(ws)s, t.contact_id, f.tag_id, %(import)s FROM touched t CROSS JOIN given f ON CONFLICT DO NOTHING
"""
LISTS_OF_FILE = """
INSERT INTO contacts_listmember (workspace_id, contact_id, contact_list_id, import_id)
SELECT %(ws)s, t.contact_id, f.contact_list_id, %(import)s FROM touched t CROSS JOIN contacts_importlist f
WHERE f.workspace_id = (SELECT %(ws)s) AND f.contact_import_id = %(import)s ON CONFLICT DO NOTHING
"""
# Names in single rows: each different name is looked up once, then joined in memory. With a direct join the planner,
# which does not know the sizes here, compares every row with every tag of the workspace.
_KEY = NAME_KEY.format("n.name")
_NAMED = """
WITH asked AS MATERIALIZED (
    SELECT t.contact_id, u.name FROM touched t JOIN incoming i ON i.n = t.n CROSS JOIN unnest(i.{column}) AS u(name)
), known AS MATERIALIZED (
    SELECT n.name, o.id FROM (SELECT DISTINCT name FROM asked) n LEFT JOIN LATERAL (
        SELECT id FROM {table} WHERE workspace_id = (SELECT %(ws)s) AND name_key = {key} AND deleted_at IS NULL OFFSET 0
        FOR KEY SHARE) o ON true
)"""
_TAGS = _NAMED.format(column="tags", table="contacts_tag", key=_KEY)
_LISTS = _NAMED.format(column="lists", table="contacts_contactlist", key=_KEY)
NEW_TAGS = f"""{_TAGS}
INSERT INTO contacts_tag (workspace_id, name) SELECT DISTINCT ON ({_KEY}) %(ws)s, name FROM known n WHERE id IS NULL
ORDER BY {_KEY}, name ON CONFLICT DO NOTHING
"""  # noqa: S608
TAGS_OF_ROWS = f"""{_TAGS}
INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id, import_id)
SELECT %(ws)s, a.contact_id, k.id, %(import)s FROM asked a JOIN known k ON k.name = a.name
ON CONFLICT DO NOTHING
"""  # noqa: S608
NEW_LISTS = f"""{_LISTS}
INSERT INTO contacts_contactlist (workspace_id, name, description, created_at)
SELECT DISTINCT ON ({_KEY}) %(ws)s, name, '', now() FROM known n WHERE id IS NULL
ORDER BY {_KEY}, name ON CONFLICT DO NOTHING
"""  # noqa: S608
LISTS_OF_ROWS = f"""{_LISTS}
INSERT INTO contacts_listmember (workspace_id, contact_id, contact_list_id, import_id)
SELECT %(ws)s, a.contact_id, k.id, %(import)s FROM asked a JOIN known k ON k.name = a.name
ON CONFLICT DO NOTHING
"""  # noqa: S608
NEW_COMPANIES = """
INSERT INTO contacts_company AS o (workspace_id, name, status, kind, industry, size, email, phone, website, import_id,
                                   import_effect, created_at, updated_at)
SELECT DISTINCT ON (lower(u.name)) %(ws)s, u.name, 'active', 'prospect', '', '', '', '', '', %(import)s,
       'created', now(), now()
FROM touched t JOIN incoming i ON i.n = t.n CROSS JOIN unnest(i.companies) AS u(name)
ORDER BY lower(u.name), i.n, u.name
-- A company in the trash comes back; a known one stays as it is.
ON CONFLICT (workspace_id, name_key) DO UPDATE SET deleted_at = NULL WHERE o.deleted_at IS NOT NULL
"""
# A row without a role changes no role. A link from before that gets a role no longer belongs to one import alone, so
# its import_id becomes NULL.
PEOPLE_OF_COMPANIES = """
WITH asked AS MATERIALIZED (
    SELECT t.contact_id, lower(u.name) AS name, i.role, i.n FROM touched t JOIN incoming i ON i.n = t.n
    CROSS JOIN unnest(i.companies) AS u(name)
), known AS MATERIALIZED (
    SELECT n.name, o.id FROM (SELECT DISTINCT name FROM asked) n CROSS JOIN LATERAL (
        SELECT id FROM contacts_company WHERE workspace_id = (SELECT %(ws)s) AND name_key = n.name OFFSET 0) o
), links AS MATERIALIZED (
    SELECT DISTINCT ON (k.id, a.contact_id) k.id, a.contact_id, a.role FROM asked a JOIN known k ON k.name = a.name
    ORDER BY k.id, a.contact_id, a.role = '', a.n DESC
), added AS (
    INSERT INTO contacts_companycontact (workspace_id, company_id, contact_id, role, import_id)
    SELECT %(ws)s, id, contact_id, coalesce(nullif(role, ''), 'internal'), %(import)s FROM links ON CONFLICT DO NOTHING
)
UPDATE contacts_companycontact k SET role = l.role,
    import_id = CASE WHEN k.import_id = %(import)s THEN k.import_id END
FROM links l
WHERE k.workspace_id = (SELECT %(ws)s) AND k.company_id = l.id AND k.contact_id = l.contact_id AND l.role <> ''
"""


def statements_for(contact_import: ContactImport, settings: RunSettings) -> list[str]:
    """The statements that this import needs, in order."""
    statements = []
    in_workspace = {"workspace_id": contact_import.workspace_id}
    if contact_import.tags.through.objects.filter(contact_import=contact_import, **in_workspace).exists():
        statements.append(TAGS_OF_FILE)
    if contact_import.lists.through.objects.filter(contact_import=contact_import, **in_workspace).exists():
        statements.append(LISTS_OF_FILE)
    if "tags" in settings.mapping:
        statements += [NEW_TAGS, TAGS_OF_ROWS]
    if "lists" in settings.mapping:
        statements += [NEW_LISTS, LISTS_OF_ROWS]
    if settings.names_companies:
        statements += [NEW_COMPANIES, PEOPLE_OF_COMPANIES]
    return statements


def write(cursor: CursorWrapper, statements: list[str], params: dict) -> None:
    """Run the statements of `statements_for` on the contacts in `touched`."""
    for statement in statements:
        cursor.execute(statement, params)
