"""Creates what an import needs besides contacts: tags and lists for everyone in its file, and fields for its columns.

Until the import starts they are only names in ContactImport.to_make: a forecast creates nothing.
"""

from __future__ import annotations

from contacts.groups import named_rows, tagging
from contacts.models import ContactField, ContactImport, ContactList, ImportList, ImportTag

NEW = "new:"


def create(contact_import: ContactImport) -> None:
    """Create what is missing, once. The caller saves the import."""
    names, contact_import.to_make = contact_import.to_make, {}
    for tag in tagging.named(names.get("tags", [])):
        ImportTag.objects.get_or_create(contact_import=contact_import, tag=tag)
    for name in names.get("lists", []):
        found = named_rows.made(ContactList, name)
        ImportList.objects.get_or_create(contact_import=contact_import, contact_list=found)
    for name, values in names.get("fields", {}).items():
        own, _new = ContactField.objects.get_or_create(name=name, defaults=values)
        if own.deleted_at:
            own.restore()
    contact_import.mapping = [field_meaning(meaning) for meaning in contact_import.mapping]


def field_meaning(meaning: str) -> str:
    """The meaning of a column once its new field exists: "new:city" becomes "attributes:city"."""
    return f"attributes:{meaning.removeprefix(NEW)}" if meaning.startswith(NEW) else meaning
