"""Tells whether the customer numbers in a file are those of the contacts, or those of a shop."""

from __future__ import annotations

from contacts.imports.sniffing import FileSample
from contacts.models import Contact


def leave_out_foreign(sample: FileSample, mapping: list[str]) -> list[str]:
    """The mapping without customer numbers beside e-mail addresses, unless contacts have those numbers: a shop's own
    ones mean nobody here, and an order goes to nobody whose number differs."""
    if not {"email", "external_id"} <= set(mapping):
        return mapping
    email, number = mapping.index("email"), mapping.index("external_id")
    rows = [row for row in sample.rows[int(sample.has_header) :] if len(row) > max(email, number)]
    owner_of = dict(
        Contact.objects.filter(external_id__in={row[number].strip() for row in rows}).values_list(
            "external_id", "email"
        )
    )
    known = [row for row in rows if row[number].strip() in owner_of]
    same = [row for row in known if owner_of[row[number].strip()] in (None, row[email].strip().lower())]
    if len(same) * 2 > len(known):
        return mapping
    return ["" if meaning == "external_id" else meaning for meaning in mapping]
