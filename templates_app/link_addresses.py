"""Addresses of links, as far as they can be judged without asking anybody."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings

from templates_app.merging import message_tags
from templates_app.sanitising.allowed import PROTOCOLS

_SHORTENERS = """
bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly rebrand.ly cutt.ly lnkd.in rb.gy t.ly s.id tiny.cc
shorturl.at shorte.st adf.ly bl.ink soo.gd urlz.fr lc.cx dlvr.it trib.al
"""
#: Hosts that make short addresses of long ones. Filters distrust them, because spam hides behind them.
SHORTENERS = frozenset(_SHORTENERS.split())
_TO_OUR_PAGE = re.compile(rf"\{{\{{-?\s*(?:{'|'.join(message_tags.LINKS)})\s*-?\}}\}}")
_TAG_BEGINS = re.compile(r"\{[{%]")
# A web address with its whole host, another scheme, or a place of the message.
_DECIDED = re.compile(r"https?://[^/\\?#@\s]+[/?#]|(?!https?:)[a-z][a-z0-9+.-]*:|[#?]", re.IGNORECASE)
#: Names that are examples for ever (RFC 2606 and 6761): nobody's website.
_EXAMPLE = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|localhost)$")
_BRACKETED = re.compile(r"\](?::[0-9]*)?$")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def has_tags(target: str) -> bool:
    return "{{" in target or "{%" in target


def is_decided_by_a_value(target: str) -> bool:
    """Whether a merge tag that is not one of ours decides which website a link leads to: `{{ website }}`,
    `https://{{ shop }}.example`, `https://shop.example{{ path }}`."""
    if not has_tags(target) or _TO_OUR_PAGE.match(target):
        return False
    before = _TAG_BEGINS.split(target, maxsplit=1)[0]
    return not _DECIDED.match(before)


def is_link(target: str) -> bool:
    """Whether a link can lead there: a place of the message, a web address with a host that can be, a mailbox, a
    number. What merge tags make of it is not known."""
    if has_tags(target) or target.startswith("#"):
        return True
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return host_of(target) != ""
    return parts.scheme in PROTOCOLS - {"cid"} and bool(parts.path or parts.netloc)


def is_example(target: str) -> bool:
    """Whether a web address leads to a name that stands for a website and is none. An installation that is tried on
    "localhost" has its own pictures and pages there."""
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(_EXAMPLE.search(host))
        and host != urlsplit(settings.BASE_URL).hostname
    )


def host_of(target: str) -> str:
    """The host of a web address in small letters, or "" where it has none that can be: "https://[::1" has not, nor
    has a name without a dot, which nobody outside of a network finds. Ours may: an installation may be one for a
    network, and its pictures have its host."""
    try:
        parts = urlsplit(target)
        host, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.netloc.rpartition("@")[2].startswith("["):
        return host if _is_ip(host) and _BRACKETED.search(parts.netloc) else ""
    if host and host == urlsplit(settings.BASE_URL).hostname:
        return host
    labels = host.split(".")
    return host if len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and len(host) < 254 else ""


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
