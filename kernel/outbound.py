"""Connections to hosts that a merchant names: the name is resolved once and refused if an address is not public.

Without this check, an SMTP form lets a merchant scan and use the network behind the server (SSRF; ASVS 5.0, 1.3.6).
"""

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext as _


class Refused(Exception):
    """Raised for a host that Fanfare must not connect to. The message is for the merchant."""


def resolve(host: str, port: int) -> str:
    """The IP address to connect to. Raises Refused if the name is unknown or one of its addresses is private.

    Connect to this address and not to the name: a second lookup could give another answer (DNS rebinding).
    """
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
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast
