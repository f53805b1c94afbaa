"""Contacts who may be one person: the same name, and the same company or nearly the same e-mail address.

The names are gone through in their order, a window at a time, by the index on the last name: each page costs the same
whatever the table's size, and says how far it has looked. Somebody without a last name is not found.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from contacts.identity.addresses import mailbox
from contacts.models import CompanyContact, Contact

WINDOW = 1000
MOST_PAIRS = 50
#: A name that so many share says nothing.
MOST_NAMESAKES = 20


@dataclass
class Look:
    """The pairs of one window, and where the next one begins (None at the end)."""

    pairs: list[tuple[Contact, Contact, str]]
    looked_at: int
    cut: bool
    next: str | None


def look(after: str = "") -> Look:
    """The window of last names behind `after`."""
    people = Contact.objects.present().filter(last_key__gt=after).order_by("last_key", "id")
    rows = list(people.defer("attributes")[: WINDOW + 1])
    full = len(rows) > WINDOW
    if full:
        # The last name may go on beyond the window; it belongs to the next one, unless it fills this one.
        whole = [row for row in rows if row.last_key != rows[-1].last_key]
        rows = whole or rows
    names = defaultdict(list)
    for row in rows:
        if row.first_key:
            names[row.last_key, row.first_key].append(row)
    namesakes = [group for group in names.values() if 1 < len(group) <= MOST_NAMESAKES]
    pairs = _pairs(namesakes)
    return Look(pairs[:MOST_PAIRS], len(rows), len(pairs) > MOST_PAIRS, rows[-1].last_key if full and rows else None)


def _pairs(namesakes: list[list[Contact]]) -> list[tuple[Contact, Contact, str]]:
    """(the older, the newer, why)."""
    companies = defaultdict(set)
    people = [row.pk for group in namesakes for row in group]
    for contact_id, company_id in CompanyContact.objects.filter(contact__in=people).values_list("contact", "company"):
        companies[contact_id].add(company_id)
    pairs = []
    for group in namesakes:
        for one, two in combinations(sorted(group, key=lambda row: row.pk), 2):
            if one.email and two.email and mailbox(one.email) == mailbox(two.email):
                pairs.append((one, two, "email"))
            elif companies[one.pk] & companies[two.pk]:
                pairs.append((one, two, "company"))
    return pairs
