"""The values that merge tags can show about a person. The pages and the send engine use the same ones."""

from __future__ import annotations

import json

#: The merge tags that exist for every person, besides own fields.
NAMES = ("email", "phone", "first_name", "last_name", "full_name")
#: Where the person's language stands, if it is known: beside the merge tags, for filters. No merge tag can read it.
LANGUAGE = "\0language"
#: Above this a float is not exact: its digits are not those that somebody wrote.
MAX_EXACT = 1e15


def number(text: str) -> int | float:
    """A number as people write it: 12 for "12.0"."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < MAX_EXACT else value


def own_values(attributes: str) -> dict:
    """The values of own fields, from their JSON: text, numbers, booleans, and dates as "2026-03-12" (Liquid's `date`
    filter formats them)."""
    return json.loads(attributes, parse_float=number) if attributes != "{}" else {}


def of_person(
    email: str | None, phone: str | None, first_name: str, last_name: str, attributes: str, language: str = ""
) -> dict:
    """All values that merge tags can show about a person, by merge tag. `attributes` is JSON."""
    values = own_values(attributes)
    values["email"] = email or ""
    values["phone"] = phone or ""
    values["first_name"] = first_name
    values["last_name"] = last_name
    values["full_name"] = f"{first_name} {last_name}".strip()
    if language:
        values[LANGUAGE] = language
    return values


#: An invented person for the preview of a template, if no contact is chosen.
EXAMPLE = of_person("camille@example.com", "+33612345678", "Camille", "Martin", "{}")
