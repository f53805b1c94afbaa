"""Search contacts by the beginning of their e-mail address, phone number, external id or name.

A few range scans, each stopping after a page: the cost does not grow with the table. (Under row-level security
PostgreSQL uses no GIN index, and LIKE uses no index at all.)
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

import phonenumbers
from django.db.models import Q, QuerySet

from contacts.models import Contact
from kernel import domains

MAX_RESULTS = 50
MIN_PHONE_DIGITS = 3


def search(contacts: QuerySet[Contact], query: str, *, country: str = "") -> list[Contact]:
    """At most MAX_RESULTS + 1 contacts of the queryset in which a field begins with the query.

    "ana mar" finds first and last name together, in either order; "06 12" finds +33612... where `country` is FR.
    """
    rows = {}
    for condition, order in _scans(query, country):
        rows.update({contact.pk: contact for contact in contacts.filter(condition).order_by(order)[: MAX_RESULTS + 1]})
    return list(rows.values())[: MAX_RESULTS + 1]


def condition(query: str, country: str = "") -> Q:
    """The same search as one condition, for work on everyone who matches."""
    return reduce(or_, (scan for scan, _ in _scans(query, country)))


def phone_beginnings(text: str, country: str) -> list[str]:
    """The E.164 prefixes that typed text may stand for: "06 1", "+33 6 1" and "0033 6 1" are the same number in France.

    Empty for text that is no phone number or has fewer than MIN_PHONE_DIGITS digits.
    """
    if not re.fullmatch(r"[+(\d][\d\s().\-/]*", text):
        return []
    digits = re.sub(r"\D", "", text)
    if len(digits) < MIN_PHONE_DIGITS:
        return []
    if text.startswith("+") or digits.startswith("00"):
        return ["+" + digits.removeprefix("00")]
    beginnings = ["+" + digits]
    code = phonenumbers.country_code_for_region(country) if country else 0
    if code:
        trunk = phonenumbers.ndd_prefix_for_region(country, True) or ""
        beginnings.append(f"+{code}{digits.removeprefix(trunk)}")
    return beginnings


def _scans(query: str, country: str) -> list[tuple[Q, str]]:
    """(condition, order) pairs; each reads one index from the query on."""
    typed = " ".join(query.replace("\0", "").split())[:120]
    text = _canonical(typed.lower())
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


def _canonical(text: str) -> str:
    """Typed text with the domain of an address as it is stored, as far as it is one."""
    local, at, domain = text.rpartition("@")
    try:
        return f"{local}{at}{domains.to_unicode(domain)}" if at and local and domain else text
    except domains.BadDomain:  # not typed to its end
        return text


def _beginning(field: str, prefix: str) -> Q:
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
