"""What merge tags may say about a person: the pages and the send engine fill them in alike."""

from __future__ import annotations

import json

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
