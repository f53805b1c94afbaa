"""Addresses: absolute ones for mails, workspace pages, and tokens that are signed ids.

A token is base64url(12-byte keyed BLAKE2b over purpose and ids ‖ varints of the ids). Checking it needs no database
read; it has no personal data in it and can't be guessed. Tokens do not expire: unsubscribe links (RFC 8058) have to
work for years.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.urls import reverse

MAC_BYTES = 12
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

# Pages that whoever has their address may use, so the address is a key: the paths before it. Neither logs nor pages for
# others may contain one. A census test compares them with the URLs.
KEYED = (
    "u",
    "p",
    "p/rights",
    "t",
    "v",
    "o",
    "c",
    "f/confirm",
    "invitations",
    "accounts/confirm-email",
    "accounts/password/reset/key",
)
_KEY = re.compile(rf"(/(?:{'|'.join(KEYED)})/)[^\s/?#\"'<>]{{16,}}")


class BadToken(ValueError):
    """Raised for a token that Fanfare did not sign, or signed for another purpose."""


class HasSlug(Protocol):
    """A workspace, as far as addresses need it. This layer does not know the model."""

    @property
    def slug(self) -> str: ...


def absolute(path: str) -> str:
    """A full address, from BASE_URL and never from the request's Host header."""
    return settings.BASE_URL + path


def workspace_url(workspace: HasSlug, name: str, **kwargs) -> str:
    """The path of a page of one workspace, such as workspace_url(workspace, "contacts:show", pk=3)."""
    return reverse(name, kwargs={"workspace": workspace.slug, **kwargs})


def sign_ids(purpose: str, *ids: int) -> str:
    """A token that `read_ids` accepts for the same purpose only."""
    return Signer(purpose, *ids[:-1]).sign(ids[-1])


class Signer:
    """Signs many tokens of one purpose that differ in their last id only, such as those of a batch's messages."""

    def __init__(self, purpose: str, *ids: int):
        self._payload = b"".join(map(_varint, ids))
        self._mac = _hash(purpose, self._payload, settings.LINK_KEYS[0])

    def sign(self, last: int) -> str:
        """The same token as sign_ids(purpose, *ids, last)."""
        rest = _varint(last)
        mac = self._mac.copy()
        mac.update(rest)
        return _base64(mac.digest() + self._payload + rest)


def _base64(raw: bytes) -> str:
    """URL-safe, without padding."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def read_ids(purpose: str, token: str) -> tuple[int, ...]:
    """The ids signed into `token`. Raises BadToken."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None
    mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(purpose, payload, key)) for key in settings.LINK_KEYS):
        raise BadToken
    return tuple(_read_varints(payload))


def without_keys(text: str) -> str:
    """The text with the keys in addresses of ours replaced by an ellipsis."""
    return _KEY.sub(r"\1…", text)


def _mac(purpose: str, payload: bytes, key: str) -> bytes:
    return _hash(purpose, payload, key).digest()


def _hash(purpose: str, payload: bytes, key: str) -> hashlib.blake2b:
    return hashlib.blake2b(purpose.encode() + b"\0" + payload, key=_digest(key), digest_size=MAC_BYTES)


@lru_cache(maxsize=8)
def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varints(payload: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in payload:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0
