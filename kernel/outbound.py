"""Connections to hosts that a merchant names: resolved once, refused where the address is not public.

Without this, an SMTP form is a way to scan and use the network behind the server (ASVS 5.0, 1.3.6).
"""

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext as _


class Refused(Exception):
    """The host may not be connected to; the message is for the merchant."""


def resolve(host: str, port: int) -> str:
    """The address to connect to, as text. Raises Refused where the name is unknown or any address is private."""
    allowed_private = host in settings.SMTP_ALLOWED_PRIVATE_HOSTS
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(_("The host name “%(host)s” can't be found. Check its spelling.") % {"host": host}) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not allowed_private and not all(_is_public(address) for address in addresses):
        raise Refused(
            _("“%(host)s” is a private address. Ask the operator to allow it (SMTP_ALLOWED_PRIVATE_HOSTS).")
            % {"host": host}
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast
