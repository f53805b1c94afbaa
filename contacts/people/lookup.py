"""Finding the contacts that a person names in a text: addresses, numbers, ids, one to a line."""

from __future__ import annotations

from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import BadPhone, clean_phone
from contacts.models import Contact

MOST = 500


def find(text: str, country: str) -> tuple[list[Contact], list[str]]:
    """(the contacts, the lines that name none), of at most MOST lines."""
    keys = {line: _keys(line, country) for line in lines_of(text)[:MOST]}
    people: dict[tuple[str, str], Contact] = {}
    for field in ("email", "phone", "external_id"):
        values = [key[1] for found in keys.values() for key in found if key[0] == field]
        for contact in Contact.objects.present().filter(**{f"{field}__in": values}) if values else ():
            people[field, getattr(contact, field)] = contact
    found = {line: next((people[key] for key in could_be if key in people), None) for line, could_be in keys.items()}
    chosen = {contact.pk: contact for contact in found.values() if contact}
    return list(chosen.values()), [line for line, contact in found.items() if contact is None]


def lines_of(text: str) -> list[str]:
    """The different lines that say something."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _keys(line: str, country: str) -> list[tuple[str, str]]:
    """What the line could be, the likeliest first."""
    keys = []
    try:
        keys.append(("email", clean_email(line)))
    except BadAddress:
        try:
            keys.append(("phone", clean_phone(line, country)))
        except BadPhone:
            pass
    return [*keys, ("external_id", line[:120])]
