"""Find contacts as one types: any word of their name, address, company, own fields, or a number in any spelling.

Words are found in an index of our own (`search_index`), by the engine, which returns ids only. The rows are then read
as the web role, in the queryset of the caller. Whole addresses and numbers are range scans that stop after a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

import phonenumbers
from django.db import connections, transaction
from django.db.models import Q, QuerySet

from contacts.models import Contact, SearchEntry
from contacts.people import search_index, search_terms
from kernel import domains, words
from kernel.tenancy import require_workspace_id

MAX_RESULTS = 50
MIN_PHONE_DIGITS = 3
#: How many people with the words are looked at for those that the caller's conditions let through: few at first.
LOOKED_AT = (200, 5000, 50_000)
SECONDS_TO_CATCH_UP = 2.0


def search(contacts: QuerySet[Contact], query: str, *, country: str = "") -> list[Contact]:
    """At most MAX_RESULTS + 1 contacts of the queryset that have each word of the query, in any order and without
    accents, as the beginning of a word.

    Who has exactly this address, number or customer number comes first, then those whose name it is. "06 12" finds
    +33612... where `country` is FR.
    """
    workspace_id = require_workspace_id()
    is_behind = search_index.catch_up_with_few(workspace_id)
    rows: dict[int, Contact] = {}
    for scan, order in _scans(query, country, with_names=is_behind):
        rows.update({contact.pk: contact for contact in contacts.filter(scan).order_by(order)[: MAX_RESULTS + 1]})
    if len(rows) <= MAX_RESULTS and (terms := search_terms.query(workspace_id, query)):
        for contact in _with_words(contacts, workspace_id, terms):
            rows.setdefault(contact.pk, contact)
    return _ranked(rows.values(), query, country)[: MAX_RESULTS + 1]


def condition(query: str, country: str = "", *, workspace_id: int | None = None) -> Q:
    """The same search as one condition, for work on everyone who matches, in this workspace or the active one.

    Takes up to SECONDS_TO_CATCH_UP where the index is behind, so that such work reaches whom the page shows.
    """
    place = require_workspace_id() if workspace_id is None else workspace_id
    is_behind = not search_index.catch_up(place, budget=SECONDS_TO_CATCH_UP)
    scans = [scan for scan, _ in _scans(query, country, with_names=is_behind)]
    if terms := search_terms.query(place, query):
        entries = SearchEntry.objects.filter(workspace_id=place, words__matches=terms)
        scans.append(Q(pk__in=entries.values("contact_id")))
    return reduce(or_, scans)


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


def _scans(query: str, country: str, *, with_names: bool = False) -> list[tuple[Q, str]]:
    """(condition, order) pairs; each reads one index from the query on. Names are scanned only while the index of words
    is behind."""
    typed = _clean(query)
    text = _canonical(typed.lower())
    names = ("first_key", "last_key") if with_names else ()
    scans = [(_beginning(field, text), field) for field in ("email", *names)]
    scans += [(_beginning("phone", start), "phone") for start in phone_beginnings(typed, country)]
    return [*scans, (_beginning("external_id", typed), "external_id")]


def _with_words(contacts: QuerySet[Contact], workspace_id: int, terms: str) -> list[Contact]:
    """Contacts of the queryset that the terms find, at most MAX_RESULTS + 1."""
    for most in LOOKED_AT:
        ids = _ids(workspace_id, terms, most)
        found = list(contacts.filter(pk__in=ids).order_by()[: MAX_RESULTS + 1]) if ids else []
        if len(found) > MAX_RESULTS or len(ids) < most:
            break
    return found


def _ids(workspace_id: int, terms: str, most: int) -> list[int]:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        # How rare a word is, PostgreSQL can only guess; where it guesses that many have it, it would read everybody.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "SELECT contact_id FROM contacts_searchentry WHERE workspace_id = %s AND words @@ %s::tsquery LIMIT %s",
            [workspace_id, terms, most],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return ids


def _ranked(found: Iterable[Contact], query: str, country: str) -> list[Contact]:
    """First whose address or number it is exactly, then whose name has these words, then whose name begins so."""
    typed = _clean(query)
    exact = {_canonical(typed.lower()), typed, *phone_beginnings(typed, country)}
    asked = words.typed(typed)

    def rank(contact: Contact) -> int:
        if exact & {contact.email, contact.phone, contact.external_id}:
            return 0
        if set(asked) <= words.spellings(contact.name):
            return 1
        return 2 if words.begins(contact.name, asked) else 3

    return sorted(found, key=rank)


def _clean(query: str) -> str:
    return " ".join(query.replace("\0", "").split())[: search_terms.MAX_QUERY]


def _canonical(text: str) -> str:
    """Typed text with the domain of an address as it is stored, as far as it is one."""
    local, at, domain = text.rpartition("@")
    try:
        return f"{local}{at}{domains.to_unicode(domain)}" if at and local and domain else text
    except domains.BadDomain:  # not typed to its end
        return text


def _beginning(field: str, prefix: str) -> Q:
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
