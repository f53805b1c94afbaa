"""Find the contacts listed in a text: e-mail addresses, phone numbers or external ids, one a line."""

from __future__ import annotations

from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import BadPhone, clean_phone
from contacts.models import Contact

MOST = 500


def find(text: str, country: str) -> tuple[list[Contact], list[str]]:
    """(the contacts found, the lines that match none). Reads the first MOST lines."""
    keys = {line: _keys(line, country) for line in lines_of(text)[:MOST]}
    people: dict[tuple[str, str], Contact] = {}
    for field in ("email", "phone", "external_id"):
        values = [key[1] for found in keys.values() for key in found if key[0] == field]
        for contact in Contact.objects.present().filter(**{f"{field}__in": values}) if values else ():
            people[field, getattr(contact, field)] = contact
    found = {
        line: next((people[key] for key in candidates if key in people), None) for line, candidates in keys.items()
    }
    chosen = {contact.pk: contact for contact in found.values() if contact}
    return list(chosen.values()), [line for line, contact in found.items() if contact is None]


def lines_of(text: str) -> list[str]:
    """The distinct non-empty lines."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _keys(line: str, country: str) -> list[tuple[str, str]]:
    """(field, value) pairs that the line may stand for, the most likely first."""
    keys = []
    try:
        keys.append(("email", clean_email(line)))
    except BadAddress:
        try:
            keys.append(("phone", clean_phone(line, country)))
        except BadPhone:
            pass
    return [*keys, ("external_id", line[:120])]
