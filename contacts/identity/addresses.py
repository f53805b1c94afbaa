"""Turns e-mail addresses as people write them into the stored form: lower case, the domain in Unicode (RFC 6532).

One mailbox has one stored form: a@café.fr and a@xn--caf-dma.fr are one contact, and a no to one is a no to both.
"""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from kernel import domains

# Matches nearly every address. Only the others go to the library, which is 25 times slower.
PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9_+'%-]|\.(?!\.))*(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
MAX_LENGTH = 254
# The full-width signs of East Asian keyboards.
_FULL_WIDTH = str.maketrans("\uff20\uff0e", "@.")


class BadAddress(ValueError):
    """Raised for an address that can't be written to; the message is a key of imports.reasons.REASONS."""


def plain_email(text: str) -> str | None:
    """The stored form of an address that needs no library; None for any other text."""
    address = text.lower()
    if PLAIN.fullmatch(address) and len(address) <= MAX_LENGTH and address.find("@") <= 64 and "xn--" not in address:
        return address
    return None


def clean_email(text: str) -> str:
    """The stored form of an address. Raises BadAddress."""
    typed = text.strip()
    if (plain := plain_email(typed)) is not None:
        return plain
    address = typed.lower()
    local = address.partition("@")[0]
    if not typed.isascii():
        typed = visible(typed)
        address = typed.lower()
        local = address.partition("@")[0]
    if not address:
        raise BadAddress("no_address")
    if re.search(r"\s", address):
        raise BadAddress("space")
    if address.count("@") != 1:
        raise BadAddress("at_signs")
    if len(address) > MAX_LENGTH or len(local) > 64:  # RFC 5321, 4.5.3.1
        raise BadAddress("not_valid")
    domain = _canonical(typed.partition("@")[2])
    try:
        checked = validate_email(f"{local}@{domain}", check_deliverability=False)
    except EmailNotValidError:
        raise BadAddress("not_valid") from None
    return f"{checked.local_part.lower()}@{domain}"


def visible(text: str) -> str:
    """The text without characters that nobody sees, such as zero-width spaces, soft hyphens, byte order marks and marks
    of direction; every kind of space becomes a plain one, and none is left at the ends."""
    signs = (" " if char.isspace() else char for char in text if unicodedata.category(char) != "Cf")
    return "".join(signs).translate(_FULL_WIDTH).strip()


def _canonical(domain: str) -> str:
    try:
        return domains.to_unicode(domain)
    except domains.BadDomain:
        raise BadAddress("domain") from None


def needs_utf8(address: str) -> bool:
    """Whether the part before the @ is not ASCII: every server on the way needs SMTPUTF8 then (RFC 6531)."""
    return not address.rpartition("@")[0].isascii()
