"""Connections to hosts that a merchant names: the name is resolved once and refused if an address is not public.

Without this check, an SMTP form lets a merchant scan and use the network behind the server (SSRF; ASVS 5.0, 1.3.6).
Ports other than those of mail servers are refused, too: no merchant scans other people's hosts from here.
"""

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Networks that are not the public internet and that `ipaddress` of all our Python versions does not know as private.
#: From the IANA special-purpose address registries (IPv4 and IPv6) and the RFCs named.
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "::/96",  # IPv4-compatible addresses (RFC 4291, 2.5.5.1), with :: and ::1
        "::ffff:0:0:0/96",  # IPv4-translated addresses (RFC 2765)
        "64:ff9b:1::/48",  # translation for local use (RFC 8215)
        "100::/64",  # discarded (RFC 6666)
        "2001::/23",  # Teredo (RFC 4380), ORCHID, benchmarks and other protocol assignments (RFC 2928)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local (RFC 3879)
    )
)
#: Networks in which a public address has an IPv4 address in it, which decides; and how many bits stand after that.
EMBEDDING = {
    ipaddress.ip_network("::ffff:0:0/96"): 0,  # IPv4-mapped (RFC 4291, 2.5.5.2)
    ipaddress.ip_network("64:ff9b::/96"): 0,  # NAT64 (RFC 6052)
    ipaddress.ip_network("2002::/16"): 80,  # 6to4 (RFC 3056)
}
#: Bits 32 to 63 of an address of an ISATAP interface (RFC 5214, 6.1) without the universal bit; then comes an IPv4 one.
ISATAP = 0x0000_5EFE


class Refused(Exception):
    """Raised for a host that Fanfare must not connect to. The message is for the merchant."""


def resolve(host: str, port: int) -> str:
    """The IP address to connect to. Raises Refused if the name is unknown, one of its addresses is private, or the port
    is none of a mail server.

    Connect to this address and not to the name: a second lookup could give another answer (DNS rebinding).
    """
    allowed_private = host in settings.SMTP_ALLOWED_PRIVATE_HOSTS
    if not allowed_private and port not in settings.SMTP_PORTS:
        raise Refused(
            _("Port %(port)d isn't a mail server's. Use one of these, or ask the operator (SMTP_PORTS): %(ports)s.")
            % {"port": port, "ports": ", ".join(map(str, settings.SMTP_PORTS))}
        )
    addresses = _addresses(host, port)
    if not allowed_private and not all(is_public(address) for address in addresses):
        raise Refused(
            _("“%(host)s” is a private address. Ask the operator to allow it (SMTP_ALLOWED_PRIVATE_HOSTS).")
            % {"host": host}
        )
    return addresses[0]


def resolve_website(host: str, port: int) -> str:
    """The IP address of a website to connect to. Raises Refused if the name is unknown, or one of its addresses is not
    public. SMTP_ALLOWED_PRIVATE_HOSTS says nothing about websites."""
    addresses = _addresses(host, port)
    if not all(is_public(address) for address in addresses):
        raise Refused(_("“%(host)s” is a private address, so it can't be read from here.") % {"host": host})
    return addresses[0]


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(_("The host name “%(host)s” can't be found. Check its spelling.") % {"host": host}) from None
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether this IP address, and every IPv4 address that it leads to, is one of the public internet."""
    ip: Address = ipaddress.ip_address(address.split("%", 1)[0])
    for network, after in EMBEDDING.items():
        if ip in network:
            return _is_global(_embedded(ip, after))
    if ip.version == 6 and (int(ip) >> 32) & 0xFDFF_FFFF == ISATAP and not _is_global(_embedded(ip, 0)):
        return False
    return _is_global(ip)


def _embedded(ip: Address, after: int) -> Address:
    """The IPv4 address in this one that has `after` bits behind it."""
    return ipaddress.IPv4Address((int(ip) >> after) & 0xFFFF_FFFF)


def _is_global(ip: Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NOT_PUBLIC)
