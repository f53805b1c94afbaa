"""A browser in which somebody logged in before has a counter of wrong passwords of its own.

Otherwise anybody who knows an address could lock its owner out by wrong passwords. Guessing becomes no easier: only a
log-in sets the cookie, and each cookie allows as many wrong passwords as all unknown browsers together.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from kernel.secrets import digests

SALT = "accounts.known_devices"
MAX_AGE = 365 * 24 * 3600


def remember(response: HttpResponse, email: str) -> None:
    """Set the cookie: a random number, signed together with a keyed hash of the address."""
    value = signing.dumps({"person": _hash(email), "device": secrets.token_urlsafe(12)}, salt=SALT)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        value,
        max_age=MAX_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def device_of(request: HttpRequest, email: str) -> str:
    """The random number of a browser in which this person logged in before; empty for every other browser."""
    try:
        value = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return ""
    return value["device"] if value["person"] == _hash(email) else ""


def _hash(email: str) -> str:
    return digests("device", email.lower())[0].hex()
