"""E-mail addresses as people write them, and as we store them: lower case, IDN decoded (RFC 6532)."""

import re

from email_validator import EmailNotValidError, validate_email

# What nearly every address looks like; the library, 25 times slower, sees only the rest.
PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9_+'%-]|\.(?!\.))*(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
MOST = 254


class BadAddress(ValueError):
    """Not an address one can write to; the message says why, as a key of REASONS."""


def clean_email(text: str) -> str:
    """The stored form of an address. Raises BadAddress."""
    address = text.strip().lower()
    local = address.partition("@")[0]
    if len(address) <= MOST and len(local) <= 64 and PLAIN.fullmatch(address):
        return address
    if not address:
        raise BadAddress("no_address")
    if re.search(r"\s", address):
        raise BadAddress("space")
    if address.count("@") != 1:
        raise BadAddress("at_signs")
    if len(address) > MOST or len(local) > 64:  # RFC 5321, 4.5.3.1
        raise BadAddress("not_valid")
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        raise BadAddress("not_valid") from None
    return checked.normalized.lower()


def mailbox(address: str) -> str:
    """What addresses of one mailbox have in common: without dots and what stands behind a plus in front of the @."""
    local, _at, domain = address.partition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"
