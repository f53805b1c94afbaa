"""Domains whose e-mail addresses a workspace neither accepts nor writes to.

Checked when a contact is added (`is_blocked` by forms, the whole list by imports), and before sending
(`consent_rules.forbidden`: PostgreSQL reads the workspace's list once a statement and hashes it, so the gate pays for
one index scan, not for one a person). Contacts are not changed: when the domain is taken off the list, they are
reachable again with the consent they had.
"""

from __future__ import annotations

import re

from contacts.models import BlockedDomain
from kernel import domains

DOMAIN = re.compile(r"(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")


class BadDomain(ValueError):
    """Raised for text that is not a domain."""


def clean_domain(text: str) -> str:
    """The stored form: lower case, in Unicode, without a leading @. Raises BadDomain."""
    try:
        domain = domains.to_unicode(text.strip().lstrip("@").rstrip("."))
    except domains.BadDomain:
        raise BadDomain from None
    if not DOMAIN.fullmatch(domain):
        raise BadDomain
    return domain


def is_blocked(address: str) -> bool:
    """Whether the active workspace blocks this address's domain. A subdomain is not blocked with its parent domain."""
    return BlockedDomain.objects.filter(domain=address.rpartition("@")[2].lower()).exists()
