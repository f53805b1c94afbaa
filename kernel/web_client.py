"""Reads pages and files from hosts that a merchant names: no address but public ones, and no answer without limits.

Every hop of a redirect is resolved and refused like the first one, and connected to by its address (`kernel.outbound`).
The whole of it has one deadline, so a server that sends a byte a second ends like one that is silent. Never call it in
a transaction.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.utils.translation import gettext as _

from kernel import outbound

PORTS = {"http": 80, "https": 443}
MAX_HOPS = 5
MAX_URL = 2000  # characters
CHUNK = 64 << 10
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Fanfare)",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, identity",
    "Connection": "close",
}
SAFE = "/%:@!$&'()*+,;=~?[]-._"
REDIRECTS = {301, 302, 303, 307, 308}


class Failed(Exception):
    """Raised where nothing was read. The message is for the merchant."""


@dataclass(frozen=True)
class Answer:
    """`url` is the address after all redirects; `content_type` what the server says, lower case, without parameters;
    `charset` empty where it says none."""

    url: str
    content_type: str
    charset: str
    body: bytes


class Deadline:
    """When everything has to be over, on the monotonic clock."""

    def __init__(self, seconds: float):
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raises Failed where none is."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise Failed(_("The website takes too long to answer. Try again later."))
        return left


def read(url: str, *, deadline: Deadline, most: int, is_cut: bool = False) -> Answer:
    """What stands at an address of http or https. Raises Failed; so it does for more than `most` bytes, unless
    `is_cut`: then the answer is their beginning."""
    with _answered(url, deadline) as (found, response):
        if response.status != 200:
            raise Failed(_("The website answers with the error %(code)d.") % {"code": response.status})
        body = _body(response, most, is_cut=is_cut)
        deadline.left()  # a connection that was cut looks as if it had ended
        headers = response.headers
        return Answer(found, headers.get_content_type(), str(headers.get_content_charset() or ""), body)


def status(url: str, *, deadline: Deadline) -> int:
    """The HTTP status of what stands at an address of http or https, which is not read. Raises Failed."""
    with _answered(url, deadline) as (_found, response):
        return response.status


@contextlib.contextmanager
def _answered(url: str, deadline: Deadline) -> Iterator[tuple[str, http.client.HTTPResponse]]:
    """(address after all redirects, its answer). Raises Failed."""
    for _hop in range(MAX_HOPS + 1):
        parts = _parts(url)
        with _connected(parts, deadline) as connection:
            response = _asked(connection, parts)
            if response.status in REDIRECTS and (target := response.headers.get("Location")):
                url = urljoin(url, target)
                continue
            yield url, response
            return
    raise Failed(_("The website sends from one address to the next without end."))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Failed(_("“%(address)s” is no address.") % {"address": url[:100]}) from None
    is_plain = url.isprintable() and len(url) <= MAX_URL and not parts.username and not parts.password
    if parts.scheme not in PORTS or not parts.hostname or not is_plain:
        raise Failed(_("“%(address)s” is no address of a website.") % {"address": url[:100]})
    if port not in (None, PORTS[parts.scheme]):
        raise Failed(_("“%(address)s” has a port of its own; websites have none.") % {"address": url[:100]})
    return parts


@contextlib.contextmanager
def _connected(parts: SplitResult, deadline: Deadline) -> Iterator[http.client.HTTPConnection]:
    port = PORTS[parts.scheme]
    try:
        host = (parts.hostname or "").encode("idna").decode()
        connection = http.client.HTTPConnection(host, port)
        address = outbound.resolve_website(host, port)
        with socket.create_connection((address, port), timeout=deadline.left()) as plain:
            connection.sock = _wrapped(plain, host) if parts.scheme == "https" else plain
            with _cut_at(deadline, connection.sock):
                if isinstance(connection.sock, ssl.SSLSocket):
                    connection.sock.do_handshake()
                yield connection
    except outbound.Refused as problem:
        raise Failed(str(problem)) from None
    except ssl.SSLError:
        deadline.left()
        raise Failed(_("The website's certificate is not valid, so it can't be read safely.")) from None
    except (OSError, http.client.HTTPException, UnicodeError):
        deadline.left()
        raise Failed(_("The website can't be reached. Check its address.")) from None


def _wrapped(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


@contextlib.contextmanager
def _cut_at(deadline: Deadline, connected: socket.socket) -> Iterator[None]:
    """End the connection at the deadline, whatever waits: a timeout of the socket begins again with each byte."""
    timer = threading.Timer(deadline.left(), _cut, [connected])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connected.close()


def _cut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # not TLS's, which would wait for the other side


def _asked(connection: http.client.HTTPConnection, parts: SplitResult) -> http.client.HTTPResponse:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    path = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
    connection.request("GET", path, headers={**HEADERS, "Host": host})
    return connection.getresponse()


def _body(response: http.client.HTTPResponse, most: int, *, is_cut: bool) -> bytes:
    """What was sent, unpacked: `most` counts the bytes after that, so no small file becomes a large one."""
    unpacked = zlib.decompressobj(31) if response.headers.get("Content-Encoding", "").lower() == "gzip" else None
    body = bytearray()
    while len(body) <= most:
        chunk = response.read1(CHUNK)
        if not chunk:
            break
        try:
            body += unpacked.decompress(chunk, most + 1 - len(body)) if unpacked else chunk
        except zlib.error:
            raise Failed(_("The website's answer can't be read.")) from None
    if len(body) > most and not is_cut:
        raise Failed(_("The website sends more than %(most)d KB.") % {"most": most >> 10})
    return bytes(body[:most])
