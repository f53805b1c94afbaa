"""What an import makes beside contacts: tags and lists for everyone in its file, and fields for its columns.

They are kept by name in ContactImport.to_make until it starts, for whoever only looks ahead makes nothing.
"""

from __future__ import annotations

from contacts.groups import tagging
from contacts.models import ContactField, ContactImport, ContactList, ImportList, ImportTag

NEW = "new:"


def make(contact_import: ContactImport) -> None:
    """Make what is missing, once; the caller saves the import."""
    names, contact_import.to_make = contact_import.to_make, {}
    for tag in tagging.named(names.get("tags", [])):
        ImportTag.objects.get_or_create(contact_import=contact_import, tag=tag)
    for name in names.get("lists", []):
        found, _new = ContactList.objects.get_or_create(name=name, deleted_at=None)
        ImportList.objects.get_or_create(contact_import=contact_import, contact_list=found)
    for name, values in names.get("fields", {}).items():
        own, _new = ContactField.objects.get_or_create(name=name, defaults=values)
        if own.deleted_at:
            own.restore()
    contact_import.mapping = [as_made(meaning) for meaning in contact_import.mapping]


def as_made(meaning: str) -> str:
    """What a column holds, its field being there."""
    return f"attributes:{meaning.removeprefix(NEW)}" if meaning.startswith(NEW) else meaning
