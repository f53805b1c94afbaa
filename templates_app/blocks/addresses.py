"""Where links and pictures of blocks may lead, and the slips of the pen that are mended."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from templates_app import link_addresses
from templates_app.blocks.merge_text import has_both_quotes

MAX_LENGTH = 2000
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PORT = re.compile(r"[\w.-]+\.[a-z]{2,}:[0-9]+", re.IGNORECASE)
_HOST = re.compile(r"https?://[^/\\?#@\s]*\w", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@/?#]+@[^\s@/?#]+\.[^\s@/?#]+")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?(?:[/?#]|$)")
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x1f\x7f<>\"`\\]")
_PLAIN_TAG = re.compile(r"\{\{\s*[\w.]+\s*\}\}")
_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class Refused(ValueError):
    """Raised for an address that a message can't have. The message is for the merchant."""


def link(text: str) -> str:
    """The address of a link as it is stored: "www.example.com" becomes "https://www.example.com", an e-mail address
    a `mailto:`. Raises Refused."""
    written = text.strip()
    if not written:
        return ""
    _refuse_odd(written)
    if written.startswith("{{"):
        if not _PLAIN_TAG.match(written):  # a filter can make any address, also one that runs something
            raise Refused(_("A link begins with https://, mailto: or tel:."))
        return written
    scheme = _SCHEME.match(written)
    if scheme is None or _PORT.match(written):
        return _without_scheme(written)
    if scheme[1].lower() in ("mailto", "tel", "sms"):
        return written
    if not _HOST.match(written):
        raise Refused(_("A link begins with https://, mailto: or tel:."))
    if not link_addresses.has_tags(written) and not link_addresses.is_link(written):
        raise Refused(
            _("“%(address)s” is no address. Write it like https://www.example.com/page.") % {"address": written}
        )
    return written


def picture(text: str) -> str:
    """The address of a picture as it is stored. Raises Refused."""
    written = link(text)
    if written and not written.startswith("{{") and not _HOST.match(written):
        raise Refused(_("The address of a picture begins with https://."))
    return written


def _without_scheme(written: str) -> str:
    if _MAILBOX.fullmatch(written):
        return f"mailto:{written}"
    if _DOMAIN.match(written):
        return f"https://{written}"
    raise Refused(_("“%(address)s” is no address. Write it like https://www.example.com/page.") % {"address": written})


def _refuse_odd(written: str) -> None:
    if len(written) > MAX_LENGTH:
        raise Refused(_("This address is too long. The limit is %(most)d characters.") % {"most": MAX_LENGTH})
    outside = _TAGS.sub("", written)
    if _NOT_IN_ADDRESSES.search(outside) or " " in outside:
        raise Refused(_("An address has no blanks, quotation marks or angle brackets."))
    if has_both_quotes(written):
        raise Refused(_("Use one kind of quotation marks in the merge tag of an address."))
