"""Answers opens and clicks in front of Django: most requests of an installation are these, and Django's middleware
costs ten times what they need.

Only what is certainly right is answered here: a plain GET or HEAD of a message's link with a valid token, to a host of
ours. Everything else (tests' links, unknown links, other methods, http where https is wanted) goes on to Django, whose
views answer the same: `delivery.views.public.tracking`. A click on a link that this process has not answered yet
goes there, too, and is known from then on. A test compares both answers, header by header.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import Any, NamedTuple

from csp.utils import build_policy
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from delivery import hits, tracking
from delivery.views.public.tracking import LOCATIONS, PIXEL
from kernel.middleware import SANE_ID

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable], Iterable[bytes]]

PATHS = ("/o/", "/c/")
OPEN = re.compile(r"/o/([\w-]+)\.gif", re.ASCII)
CLICK = re.compile(r"/c/([\w-]+)/([0-9]{1,9})/", re.ASCII)


class Answer(NamedTuple):
    """`hit`: to be counted before it is sent; None where there is nothing to count."""

    status: str
    headers: Headers
    body: bytes
    hit: hits.NewHit | None


class Tracking:
    """The product's WSGI application, with opens and clicks answered before it."""

    def __init__(self, application: Application):
        self._application = application
        self._proxy_header = settings.SECURE_PROXY_SSL_HEADER or ("", "")
        self._constant = [
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
            ("X-Frame-Options", settings.X_FRAME_OPTIONS),
            ("Content-Security-Policy", build_policy()),
            ("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private"),
            ("Vary", "HX-Request, Accept-Language, Cookie"),
        ]
        if settings.SECURE_HSTS_SECONDS:
            self._constant.append(("Strict-Transport-Security", _hsts()))

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        answer = self.answer(environ)
        if answer is None:
            return self._application(environ, start_response)
        if answer.hit is not None:
            hits.record([answer.hit])
        start_response(answer.status, answer.headers)
        return [answer.body]

    def answer(self, environ: Environ) -> Answer | None:
        """What to answer once its hit is counted. None for what is Django's to answer."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PATHS) or not self._is_plain(environ):
            return None
        answer = _open(environ, path) if path[1] == "o" else _click(environ, path)
        if answer is not None:
            answer.headers.extend(self._constant)
            answer.headers.extend(_of_this_moment(environ))
        return answer

    def _is_plain(self, environ: Environ) -> bool:
        """A request that no middleware would answer otherwise."""
        name, value = self._proxy_header
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and environ.get("CONTENT_LENGTH") in (None, "", "0")
            and "HTTP_HX_REQUEST" not in environ
            and "%00" not in environ.get("QUERY_STRING", "")
            and "\\" not in environ.get("HTTP_COOKIE", "")
            and (not settings.SECURE_SSL_REDIRECT or environ.get(name) == value)
            and _is_ours(environ.get("HTTP_HOST", ""))
        )


def _open(environ: Environ, path: str) -> Answer | None:
    found = OPEN.fullmatch(path)
    ids = _read(found[1]) if found else None
    if ids is None:
        return None
    hit = hits.read(environ, ids, hits.Kind.OPEN)
    headers = [
        ("Content-Type", "image/gif"),
        ("Content-Length", str(len(PIXEL))),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
    ]
    return Answer("200 OK", headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else PIXEL, hit)


def _click(environ: Environ, path: str) -> Answer | None:
    found = CLICK.fullmatch(path)
    ids = _read(found[1]) if found else None
    if found is None or ids is None:
        return None
    position = int(found[2])
    location = LOCATIONS.get((ids[0], ids[1], position))
    if location is None:
        return None
    hit = hits.read(environ, ids, hits.Kind.CLICK, position)
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Location", location),
        ("Content-Length", "0"),
        ("Referrer-Policy", "no-referrer"),
    ]
    return Answer("302 Found", headers, b"", hit)


def _read(token: str) -> tuple[int, int, int] | None:
    try:
        return tracking.read(tracking.MESSAGE, token)
    except tracking.BadToken:
        return None


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _of_this_moment(environ: Environ) -> Headers:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    name = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
    return [("Expires", _http_date(int(time.time()))), ("X-Request-ID", name)]


@lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _hsts() -> str:
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return value + "; preload" if settings.SECURE_HSTS_PRELOAD else value
