"""Find the contacts listed in a text: e-mail addresses, phone numbers or external ids, one a line."""

from __future__ import annotations

from django.db.models import Count

from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import BadPhone, clean_phone
from contacts.models import Contact

MOST = 500


def find(text: str, country: str) -> tuple[list[Contact], list[str], list[str]]:
    """(the contacts found, the lines that match none, those with a phone number of several contacts). Reads the first
    MOST lines."""
    keys = {line: _keys(line, country) for line in lines_of(text)[:MOST]}
    people: dict[tuple[str, str], Contact] = {}
    shared: set[str] = set()
    for field in ("email", "phone", "external_id"):
        values = [key[1] for found in keys.values() for key in found if key[0] == field]
        if field == "phone":
            alone, shared = _numbers(values)
            values = alone
        for contact in Contact.objects.present().filter(**{f"{field}__in": values}) if values else ():
            people[field, getattr(contact, field)] = contact
    found = {
        line: next((people[key] for key in candidates if key in people), None) for line, candidates in keys.items()
    }
    chosen = {contact.pk: contact for contact in found.values() if contact}
    unknown = [line for line, contact in found.items() if contact is None]
    several = [line for line in unknown if any(field == "phone" and value in shared for field, value in keys[line])]
    return list(chosen.values()), [line for line in unknown if line not in several], several


def _numbers(values: list[str]) -> tuple[list[str], set[str]]:
    """(the numbers of one contact, those of several)."""
    rows = Contact.objects.present().filter(phone__in=values) if values else Contact.objects.none()
    counts = dict(rows.order_by().values_list("phone").annotate(n=Count("pk")))
    return [number for number, n in counts.items() if n == 1], {number for number, n in counts.items() if n > 1}


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
