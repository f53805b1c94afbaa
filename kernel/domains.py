"""Domain names in their two forms (IDNA 2008, RFC 5891, with the mapping of UTS #46, not transitional).

Stored, compared and shown is Unicode: "café.fr", "faß.de". On the wire and in headers is ASCII: "xn--caf-dma.fr".
Python's own codec and `socket` follow IDNA 2003, which makes "fass.de" of "faß.de": somebody else's domain.
"""

from __future__ import annotations

from functools import lru_cache

import idna


class BadDomain(ValueError):
    """Raised for text that is not a domain name, or that IDNA 2008 forbids, such as names with emoji."""


def to_ascii(domain: str) -> str:
    """The name for the wire, in lower case. Raises BadDomain."""
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower()
    return _forms(domain)[0]


def to_unicode(domain: str) -> str:
    """The canonical form: the same for all spellings of one domain. Raises BadDomain."""
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower()
    return _forms(domain)[1]


def address_to_ascii(address: str) -> str:
    """The e-mail address with its domain in ASCII. The part before the @ stays as it is. Raises BadDomain."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{to_ascii(domain)}"


@lru_cache(maxsize=10_000)
def _forms(domain: str) -> tuple[str, str]:
    try:
        in_ascii = idna.encode(domain, uts46=True, transitional=False).decode()
        return in_ascii, idna.decode(in_ascii)
    except (idna.IDNAError, UnicodeError) as problem:
        raise BadDomain(str(problem)) from None
