"""Tags, lists and companies of the contacts that a chunk named: of everyone in the file, and of single rows.

Each row remembers the import that added it; what was there before stays as it was, so an undo takes away no more than
the import gave.
"""

from __future__ import annotations

from contacts.importing.plan import Plan
from contacts.models import ContactImport

TAGS_OF_FILE = """
INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id, import_id)
SELECT DISTINCT %(ws)s, t.contact_id, f.tag_id, %(import)s FROM touched t CROSS JOIN contacts_importtag f
WHERE f.workspace_id = %(ws)s AND f.contact_import_id = %(import)s ON CONFLICT DO NOTHING
"""
LISTS_OF_FILE = """
INSERT INTO contacts_listmember (workspace_id, contact_id, contact_list_id, import_id)
SELECT DISTINCT %(ws)s, t.contact_id, f.contact_list_id, %(import)s FROM touched t CROSS JOIN contacts_importlist f
WHERE f.workspace_id = %(ws)s AND f.contact_import_id = %(import)s ON CONFLICT DO NOTHING
"""
NEW_TAGS = """
INSERT INTO contacts_tag (workspace_id, name)
SELECT DISTINCT %(ws)s, u.name FROM touched t JOIN incoming i ON i.n = t.n CROSS JOIN unnest(i.tags) AS u(name)
WHERE NOT EXISTS (SELECT FROM contacts_tag o
                  WHERE o.workspace_id = %(ws)s AND o.name = u.name AND o.deleted_at IS NULL)
ORDER BY 2 ON CONFLICT DO NOTHING
"""
TAGS_OF_ROWS = """
INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id, import_id)
SELECT DISTINCT %(ws)s, t.contact_id, g.id, %(import)s
FROM touched t JOIN incoming i ON i.n = t.n CROSS JOIN unnest(i.tags) AS u(name)
JOIN contacts_tag g ON g.workspace_id = %(ws)s AND g.name = u.name AND g.deleted_at IS NULL
ON CONFLICT DO NOTHING
"""
NEW_LISTS = """
INSERT INTO contacts_contactlist (workspace_id, name, description, created_at)
SELECT DISTINCT %(ws)s, u.name, '', now() FROM touched t JOIN incoming i ON i.n = t.n
CROSS JOIN unnest(i.lists) AS u(name)
WHERE NOT EXISTS (SELECT FROM contacts_contactlist o
                  WHERE o.workspace_id = %(ws)s AND o.name = u.name AND o.deleted_at IS NULL)
ORDER BY 2 ON CONFLICT DO NOTHING
"""
LISTS_OF_ROWS = """
INSERT INTO contacts_listmember (workspace_id, contact_id, contact_list_id, import_id)
SELECT DISTINCT %(ws)s, t.contact_id, l.id, %(import)s
FROM touched t JOIN incoming i ON i.n = t.n CROSS JOIN unnest(i.lists) AS u(name)
JOIN contacts_contactlist l ON l.workspace_id = %(ws)s AND l.name = u.name AND l.deleted_at IS NULL
ON CONFLICT DO NOTHING
"""
NEW_COMPANIES = """
INSERT INTO contacts_company AS o (workspace_id, name, status, kind, industry, size, email, phone, website, import_id,
                                   import_effect, created_at, updated_at)
SELECT DISTINCT ON (lower(i.company)) %(ws)s, i.company, 'active', 'prospect', '', '', '', '', '', %(import)s,
       'created', now(), now()
FROM touched t JOIN incoming i ON i.n = t.n
WHERE i.company <> '' ORDER BY lower(i.company), i.n
-- A company in the trash comes back; a known one stays as it is.
ON CONFLICT (workspace_id, name_key) DO UPDATE SET deleted_at = NULL WHERE o.deleted_at IS NOT NULL
"""
PEOPLE_OF_COMPANIES = """
INSERT INTO contacts_companycontact AS k (workspace_id, company_id, contact_id, role, import_id)
SELECT DISTINCT ON (o.id, t.contact_id) %(ws)s, o.id, t.contact_id, coalesce(nullif(i.role, ''), 'internal'),
       %(import)s
FROM touched t JOIN incoming i ON i.n = t.n
JOIN contacts_company o ON o.workspace_id = %(ws)s AND o.name_key = lower(i.company)
WHERE i.company <> '' ORDER BY o.id, t.contact_id, i.n DESC
ON CONFLICT (workspace_id, company_id, contact_id) DO {known}
"""


# Another import gives a role: from then on the link is no one import's alone.
ROLE = "UPDATE SET role = excluded.role, import_id = CASE WHEN k.import_id = excluded.import_id THEN k.import_id END"


def asked_for(contact_import: ContactImport, plan: Plan) -> list[str]:
    """The statements that this import needs, in order."""
    statements = []
    mine = {"workspace_id": contact_import.workspace_id}
    if contact_import.tags.through.objects.filter(contact_import=contact_import, **mine).exists():
        statements.append(TAGS_OF_FILE)
    if contact_import.lists.through.objects.filter(contact_import=contact_import, **mine).exists():
        statements.append(LISTS_OF_FILE)
    if "tags" in plan.mapping:
        statements += [NEW_TAGS, TAGS_OF_ROWS]
    if "lists" in plan.mapping:
        statements += [NEW_LISTS, LISTS_OF_ROWS]
    if "company" in plan.mapping:
        known = ROLE if "company_role" in plan.mapping else "NOTHING"
        statements += [NEW_COMPANIES, PEOPLE_OF_COMPANIES.format(known=known)]
    return statements


def write(cursor, statements: list[str], params: dict) -> None:
    """Run what `asked_for` says, on the contacts in `touched`."""
    for statement in statements:
        cursor.execute(statement, params)
