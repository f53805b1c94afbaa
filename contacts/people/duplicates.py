"""Contacts that may be the same person: same name, and the same company or phone number, or nearly the same e-mail
address. A number alone says nothing: colleagues and families share one.

Contacts are read in the order of their last name, a window at a time, by the index on the last name: a page costs the
same whatever the table's size, and says how far it has got. Contacts without a last name are not found.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from contacts.models import CompanyContact, Contact
from kernel.mailboxes import mailbox

WINDOW = 1000  # contacts a page
MAX_PAIRS = 50
#: A name that more contacts share says nothing about who is the same person.
MAX_NAMESAKES = 20


@dataclass
class Duplicates:
    """The pairs of one window of last names."""

    pairs: list[tuple[Contact, Contact, str]]  # (the older, the newer, why: "email", "phone" or "company")
    looked_at: int  # contacts read
    cut: bool  # there were more than MAX_PAIRS
    next: str | None  # the last name to pass as `after` for the next window; None at the end


def find(after: str = "") -> Duplicates:
    """The duplicates in the window of last names that follow `after`."""
    people = Contact.objects.present().filter(last_key__gt=after).order_by("last_key", "id")
    rows = list(people.defer("attributes")[: WINDOW + 1])
    full = len(rows) > WINDOW
    if full:
        # The last name of the window may continue in the next one and is left to it, unless it fills the whole window.
        complete = [row for row in rows if row.last_key != rows[-1].last_key]
        rows = complete or rows
    names = defaultdict(list)
    for row in rows:
        if row.first_key:
            names[row.last_key, row.first_key].append(row)
    namesakes = [group for group in names.values() if 1 < len(group) <= MAX_NAMESAKES]
    pairs = _pairs(namesakes)
    return Duplicates(
        pairs[:MAX_PAIRS], len(rows), len(pairs) > MAX_PAIRS, rows[-1].last_key if full and rows else None
    )


def _pairs(namesakes: list[list[Contact]]) -> list[tuple[Contact, Contact, str]]:
    """As in Duplicates."""
    companies = defaultdict(set)
    people = [row.pk for group in namesakes for row in group]
    for contact_id, company_id in CompanyContact.objects.filter(contact__in=people).values_list("contact", "company"):
        companies[contact_id].add(company_id)
    pairs = []
    for group in namesakes:
        for one, two in combinations(sorted(group, key=lambda row: row.pk), 2):
            if one.email and two.email and mailbox(one.email) == mailbox(two.email):
                pairs.append((one, two, "email"))
            elif one.phone and one.phone == two.phone:
                pairs.append((one, two, "phone"))
            elif companies[one.pk] & companies[two.pk]:
                pairs.append((one, two, "company"))
    return pairs
