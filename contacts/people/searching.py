"""Finding contacts by the beginning of what they are known by: address, phone, the merchant's own id, name.

A few range scans, each stopping after a page: the cost does not grow with the table. (Under row-level security
PostgreSQL uses no GIN index, and LIKE no index at all.)
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

import phonenumbers
from django.db.models import Q

from contacts.models import Contact

MOST = 50
SHORTEST_PHONE = 3


def search(contacts, words: str, *, country: str = "") -> list[Contact]:
    """At most MOST + 1 contacts of the queryset that begin with the words; "ana mar" finds first and last name
    together, in either order; "06 12" finds +33612... where `country` is FR."""
    rows = {}
    for condition, order in _scans(words, country):
        rows.update({contact.pk: contact for contact in contacts.filter(condition).order_by(order)[: MOST + 1]})
    return list(rows.values())[: MOST + 1]


def condition(words: str, country: str = "") -> Q:
    """The same question as one condition, for work on everyone who matches."""
    return reduce(or_, (scan for scan, _ in _scans(words, country)))


def phone_beginnings(text: str, country: str) -> list[str]:
    """How numbers may begin in E.164 that a person types like this: "06 1", "+33 6 1" and "0033 6 1" are one."""
    if not re.fullmatch(r"[+(\d][\d\s().\-/]*", text):
        return []
    digits = re.sub(r"\D", "", text)
    if len(digits) < SHORTEST_PHONE:
        return []
    if text.startswith("+") or digits.startswith("00"):
        return ["+" + digits.removeprefix("00")]
    beginnings = ["+" + digits]
    code = phonenumbers.country_code_for_region(country) if country else 0
    if code:
        trunk = phonenumbers.ndd_prefix_for_region(country, True) or ""
        beginnings.append(f"+{code}{digits.removeprefix(trunk)}")
    return beginnings


def _scans(words: str, country: str) -> list[tuple[Q, str]]:
    """(condition, order): each walks one index from where the words begin."""
    typed = " ".join(words.replace("\0", "").split())[:120]
    text = typed.lower()
    first, _, second = text.partition(" ")
    if second:
        scans = [
            (Q(first_key=first) & _beginning("last_key", second), "id"),
            (Q(last_key=first) & _beginning("first_key", second), "id"),
            (_beginning("first_key", text), "first_key"),
            (_beginning("last_key", text), "last_key"),
        ]
    else:
        scans = [(_beginning(field, text), field) for field in ("email", "first_key", "last_key")]
    scans += [(_beginning("phone", start), "phone") for start in phone_beginnings(typed, country)]
    return [*scans, (_beginning("external_id", typed), "external_id")]


def _beginning(field: str, prefix: str) -> Q:
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
