"""What is asked over the network: the mail server, and BASE_URL, as visitors reach it."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection

from adminpanel import probes
from adminpanel.health.findings import Finding

SECONDS = 10.0
SLOW_CLIENTS = 40
#: an address that a visitor might pretend to have; of the block for documentation, RFC 5737
PRETENDED = "203.0.113.77"


def mail() -> Iterator[Finding]:
    backend = settings.EMAIL_BACKEND.rpartition(".")[0]
    try:
        connection = get_connection()
        connection.open()
        connection.close()
    except OSError as problem:
        yield Finding("mail", False, f"{backend}: {problem}", "Look at EMAIL_URL.")
        return
    yield Finding("mail", True, backend)


def base_url() -> Iterator[Finding]:
    """Ask BASE_URL for a portrait of the request as it arrived; only this installation can answer."""
    name = "site"
    token = probes.make_token()
    try:
        status, location, body = _ask(token)
    except ssl.SSLError as problem:
        yield Finding(name, False, f"{settings.BASE_URL}: {problem}", "Mend the certificate, or BASE_URL.")
        return
    except (OSError, http.client.HTTPException) as problem:
        todo = "Start the web server and the proxy, or mend BASE_URL, its DNS entry and the firewall."
        yield Finding(name, False, f"nothing answers at {settings.BASE_URL}: {problem}", todo)
        return
    if status in (301, 302, 303, 307, 308):
        todo = f"Set BASE_URL to where visitors end up. It redirects to {location}."
        yield Finding(name, False, f"{settings.BASE_URL} redirects", todo)
        return
    portrait = probes.read_portrait(token, body)
    if status != 200 or portrait is None:
        todo = "Set BASE_URL to the address that leads to this Fanfare, and give web and workers the same SECRET_KEY."
        yield Finding(name, False, f"somebody else answers at {settings.BASE_URL} ({status})", todo)
        return
    yield Finding(name, True, f"{settings.BASE_URL} is this Fanfare")
    yield from _proxy_headers(portrait)
    yield from _slow_clients()


def _proxy_headers(portrait: dict) -> Iterator[Finding]:
    """https as the visitor has it, and the visitor's address, not the proxy's."""
    if settings.BASE_URL.startswith("https:") and not portrait["secure"]:
        todo = (
            "Let the proxy set X-Forwarded-Proto to the visitor's scheme. Without it, every page redirects to itself."
        )
        yield Finding("X-Forwarded-Proto", False, "https requests look like http", todo)
    entries = [entry.strip() for entry in portrait["forwarded"].split(",")]
    if portrait["address"] == PRETENDED:
        todo = (
            "Visitors can pretend any address. TRUSTED_PROXIES must be the number of your proxies, and each must add "
        )
        todo += "to X-Forwarded-For or replace it."
        yield Finding("X-Forwarded-For", False, "what a visitor writes there is believed", todo)
    elif not portrait["address"] or (entries != [PRETENDED] and portrait["address"] not in entries):
        todo = "All visitors share the proxy's address, and its limits. Set TRUSTED_PROXIES to the number of your "
        todo += "proxies, and let each add the visitor's address to X-Forwarded-For."
        yield Finding("X-Forwarded-For", False, "visitors' addresses are not known", todo)
    else:
        yield Finding("X-Forwarded-For", True, f"you come from {portrait['address']}")


def _slow_clients() -> Iterator[Finding]:
    """Do unfinished requests keep others waiting?"""
    with ExitStack() as stack:
        for _ in range(SLOW_CLIENTS):
            slow = stack.enter_context(_connect())
            slow.sendall(f"GET /healthz HTTP/1.1\r\nHost: {urlsplit(settings.BASE_URL).hostname}\r\nX-Slow: ".encode())
        time.sleep(0.2)
        try:
            status, _, _ = _ask(probes.make_token())
            ok = status == 200
        except (OSError, http.client.HTTPException):
            ok = False
    todo = "Start gunicorn in Fanfare's folder, so that it reads gunicorn.conf.py, and let the proxy buffer requests."
    text = f"{SLOW_CLIENTS} unfinished requests stop nobody" if ok else f"{SLOW_CLIENTS} unfinished requests stop it"
    yield Finding("slow clients", ok, text, todo)


def _ask(token: str) -> tuple[int, str, bytes]:
    """Status, Location and body of /healthz with this token."""
    parts = urlsplit(settings.BASE_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        headers = {probes.HEADER: token, "X-Forwarded-For": PRETENDED}
        connection.request("GET", f"{parts.path}/healthz", headers=headers)
        response = connection.getresponse()
        return response.status, response.getheader("Location", ""), response.read(10_000)
    finally:
        connection.close()


def _connect() -> socket.socket:
    parts = urlsplit(settings.BASE_URL)
    is_https = parts.scheme == "https"
    plain = socket.create_connection((parts.hostname, parts.port or (443 if is_https else 80)), SECONDS)
    return ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname) if is_https else plain
