"""Says whose the values of a rejected row are, so that a merchant can mend the file.

Looked up when the page or the file is made: a rejected row keeps no names of other people, and who has been merged or
given another address since is told as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from contacts.imports import run_settings
from contacts.imports.contact_rows import row_reader
from contacts.imports.reasons import REASONS, BadRow
from contacts.imports.rows import Row
from contacts.models import Contact, ContactImport, RejectedRow
from kernel import words

TOLD = {"conflict", "shared_phone"}
MAX_NAMED = 3


def reasons(contact_import: ContactImport, rows: Iterable[RejectedRow]) -> dict[int, str]:
    """By the row's pk, why it was rejected: the reason, and whose its values are. In the active scope."""
    rows = list(rows)
    found = {row.pk: str(REASONS.get(row.reason, row.reason)) for row in rows}
    asked = [row for row in rows if row.reason in TOLD]
    if asked and contact_import.target == ContactImport.Target.CONTACTS:
        told = _told(contact_import, asked)
        found |= {row.pk: f"{found[row.pk]}. {told[row.pk]}" for row in asked if told[row.pk]}
    return found


def _told(contact_import: ContactImport, rejected: list[RejectedRow]) -> dict[int, str]:
    """A sentence for each row; "" where its values belong to nobody any more."""
    read = row_reader(run_settings.load(contact_import))
    rows: dict[int, Row] = {}
    for one in rejected:
        try:
            rows[one.pk] = read(one.line, one.cells)
        except BadRow:  # a shortened cell, or a domain that was blocked since
            rows[one.pk] = Row(one.line)
    by_email = _contacts("email", {row.email for row in rows.values()})
    by_id = _contacts("external_id", {row.external_id for row in rows.values()})
    numbers = {row.phone for pk, row in rows.items() if row.phone and not (row.email or row.external_id)}
    by_phone = Contact.objects.first_with(numbers, most=MAX_NAMED + 1)
    return {
        pk: _of_number(by_phone[row.phone])
        if row.phone in by_phone
        else _of_both(row, by_email.get(row.email or ""), by_id.get(row.external_id or ""))
        for pk, row in rows.items()
    }


def _contacts(field: str, values: set[str | None]) -> dict[str, Contact]:
    """By value, the contact that stands for it."""
    found = Contact.objects.filter(**{f"{field}__in": [value for value in values if value]}).defer("attributes")
    rows = {getattr(contact, field): contact for contact in found}
    survivors = Contact.objects.in_bulk([contact.merged_into_id for contact in rows.values() if contact.merged_into_id])
    return {value: survivors.get(contact.merged_into_id, contact) for value, contact in rows.items()}


def _of_number(people: list[Contact]) -> str:
    if len(people) < 2:
        return ""
    names = words.first_of([_name(one) for one in people], MAX_NAMED)
    return _("It is the number of %(names)s") % {"names": names}


def _of_both(row: Row, by_email: Contact | None, by_id: Contact | None) -> str:
    if by_email and by_id and by_email != by_id:
        return _("The address belongs to %(one)s, the customer number to %(other)s") % {
            "one": _name(by_email),
            "other": _name(by_id),
        }
    if by_email and by_email.external_id and by_email.external_id != row.external_id:
        return _("The address belongs to %(name)s, whose customer number is %(number)s") % {
            "name": _name(by_email),
            "number": by_email.external_id,
        }
    return ""


def _name(contact: Contact) -> str:
    """The name, and what tells the contact from namesakes."""
    handle = contact.handle
    return f"{contact.name} ({handle})" if contact.name and handle else str(contact)
