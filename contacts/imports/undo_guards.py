"""What may not vanish with an import: a registry of what other apps know of a contact.

Each entry is an SQL condition on `c` (contacts_contact); where one holds, an undo leaves the contact where it is.
"""

from __future__ import annotations

_conditions: list[str] = [
    "c.engaged_at IS NOT NULL",
    "EXISTS (SELECT FROM contacts_contacttag t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "
    "AND t.import_id IS DISTINCT FROM c.import_id)",
    "EXISTS (SELECT FROM contacts_listmember t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "
    "AND t.import_id IS DISTINCT FROM c.import_id)",
    "EXISTS (SELECT FROM contacts_companycontact t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "
    "AND t.import_id IS DISTINCT FROM c.import_id)",
    "EXISTS (SELECT FROM contacts_consent t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "
    "AND t.import_id IS DISTINCT FROM c.import_id)",
    "EXISTS (SELECT FROM contacts_note t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id)",
    "EXISTS (SELECT FROM contacts_topicchoice t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id)",
]


def register(condition: str) -> None:
    """Another thing that an undo may not take away. A literal of the code, never text that somebody typed."""
    if condition not in _conditions:
        _conditions.append(condition)


def any_of() -> str:
    """Whether something is known of `c` beside what its import said."""
    return f"({' OR '.join(_conditions)})"
