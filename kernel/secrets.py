"""Credentials at rest: encrypted with Fernet (AES-128-CBC and HMAC) under FIELD_ENCRYPTION_KEYS, never SECRET_KEY."""

import base64
import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Undecryptable(Exception):
    """Stored under a key that FIELD_ENCRYPTION_KEYS no longer holds."""


def _fernet() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def digests(purpose: str, text: str) -> list[bytes]:
    """Keyed hashes of a text (HMAC-SHA256, 16 bytes), one a key, the current key's first: they can be compared, and
    without the keys neither read nor guessed. A key that is dropped makes the hashes under it unrecognisable."""
    return [
        hmac.digest(hashlib.sha256(b"digest\0" + key.encode()).digest(), f"{purpose}\0{text}".encode(), "sha256")[:16]
        for key in settings.FIELD_ENCRYPTION_KEYS
    ]


class EncryptedJSONField(models.TextField):
    """A JSON object that is ciphertext in the database and in every dump of it."""

    def get_prep_value(self, value):
        if value is None:
            return None
        return _fernet().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        try:
            return json.loads(_fernet().decrypt(value.encode()))
        except InvalidToken:
            raise Undecryptable(
                "A stored credential can't be decrypted: put the key it was stored with back into "
                "FIELD_ENCRYPTION_KEYS."
            ) from None

    def to_python(self, value):
        return value
