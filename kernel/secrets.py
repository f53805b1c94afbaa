"""Encrypt stored credentials with Fernet (AES-128-CBC and HMAC) under FIELD_ENCRYPTION_KEYS, never SECRET_KEY."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Undecryptable(Exception):
    """Raised for a value that was encrypted with a key which FIELD_ENCRYPTION_KEYS no longer contains."""


def _fernet() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Raises Undecryptable."""
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise Undecryptable(
            "A stored secret can't be decrypted: put the key it was stored with back into FIELD_ENCRYPTION_KEYS."
        ) from None


def digests(purpose: str, text: str) -> list[bytes]:
    """Keyed hashes of a text (HMAC-SHA256, 16 bytes), one per key, the current key's first.

    They can be compared, but neither read nor guessed without the keys. When a key is removed from the settings, the
    hashes made with it match nothing any more.
    """
    return [
        hmac.digest(hashlib.sha256(b"digest\0" + key.encode()).digest(), f"{purpose}\0{text}".encode(), "sha256")[:16]
        for key in settings.FIELD_ENCRYPTION_KEYS
    ]


class EncryptedJSONField(models.TextField):
    """A JSON object that is stored encrypted, so that it is unreadable in the database and in every dump of it."""

    def get_prep_value(self, value: dict | None) -> str | None:
        if value is None:
            return None
        return _fernet().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> dict | None:
        if value is None:
            return None
        try:
            return json.loads(_fernet().decrypt(value.encode()))
        except InvalidToken:
            raise Undecryptable(
                "A stored credential can't be decrypted: put the key it was stored with back into "
                "FIELD_ENCRYPTION_KEYS."
            ) from None

    def to_python(self, value: Any) -> Any:
        return value
