"""Conditions that keep a contact when its import is undone, because other data refers to it.

Each is an SQL condition on `c` (contacts_contact). If one of them holds, an undo does not delete the contact.
"""

from __future__ import annotations

from kernel.extensions import Extensions

GUARDS: Extensions[str] = Extensions(
    "undo guards", "SQL conditions on c (contacts_contact): where one holds, undoing an import leaves the contact."
)

GUARDS.add("c.engaged_at IS NOT NULL", "engagement")
for _table in ("contacttag", "listmember", "companycontact", "consent"):
    GUARDS.add(
        f"EXISTS (SELECT FROM contacts_{_table} t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "  # noqa: S608  (table names from above)
        "AND t.import_id IS DISTINCT FROM c.import_id)",
        f"contacts_{_table}",
    )
for _table in ("note", "topicchoice", "contactevent"):
    GUARDS.add(
        f"EXISTS (SELECT FROM contacts_{_table} t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id)",
        f"contacts_{_table}",
    )


def any_of() -> str:
    """An SQL condition: something is known about `c` besides what its import said."""
    return f"({' OR '.join(GUARDS)})"
