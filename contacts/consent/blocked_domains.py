"""Domains a workspace neither takes addresses of nor writes to.

Where it is asked: when a contact is taken in (`is_blocked` by forms, the whole list by imports), and of everyone who is
about to be written to (`consent_rules.forbidden`: PostgreSQL reads the workspace's list once a statement and
hashes it, so the gate pays for one look at an index, not one a person). The contacts themselves are left as they are:
taking the domain off the list makes them reachable again, with the consent they had.
"""

from __future__ import annotations

import re

from contacts.models import BlockedDomain

DOMAIN = re.compile(r"(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")


class BadDomain(ValueError):
    """Not a domain."""


def clean_domain(text: str) -> str:
    """The stored form: lower case, IDN decoded, without the @ that people write before it. Raises BadDomain."""
    domain = text.strip().lower().lstrip("@").rstrip(".")
    if domain.isascii() and "xn--" in domain:
        try:
            domain = domain.encode().decode("idna")
        except UnicodeError:
            raise BadDomain from None
    if not DOMAIN.fullmatch(domain):
        raise BadDomain
    return domain


def is_blocked(address: str) -> bool:
    """Whether the active workspace refuses this address's domain. Subdomains are domains of their own."""
    return BlockedDomain.objects.filter(domain=address.rpartition("@")[2].lower()).exists()
