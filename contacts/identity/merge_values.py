"""What merge tags may say about a person: the pages and the send engine fill them in alike."""

from __future__ import annotations

import json

#: What merge tags can say of everybody, besides own fields.
NAMES = ("email", "phone", "first_name", "last_name", "full_name")
#: Beyond this a float is not exact, and its digits are no number that anybody wrote.
EXACT = 1e15


def number(text: str) -> int | float:
    """A number as people write it: 12.0 is 12."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def own_values(attributes: str) -> dict:
    """The values of own fields, from their JSON: text, numbers, true and false, dates as 2026-03-12 (Liquid's `date`
    filter writes them otherwise)."""
    return json.loads(attributes, parse_float=number) if attributes != "{}" else {}


def of_person(email: str | None, phone: str | None, first_name: str, last_name: str, attributes: str) -> dict:
    """Everything that merge tags may say about a person; the attributes as JSON."""
    values = own_values(attributes)
    values["email"] = email or ""
    values["phone"] = phone or ""
    values["first_name"] = first_name
    values["last_name"] = last_name
    values["full_name"] = f"{first_name} {last_name}".strip()
    return values


#: Somebody to show a template with, where no contact is chosen.
EXAMPLE = of_person("camille@example.com", "+33612345678", "Camille", "Martin", "{}")
