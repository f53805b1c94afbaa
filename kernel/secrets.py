"""Encrypt stored credentials with Fernet (AES-128-CBC and HMAC) under FIELD_ENCRYPTION_KEYS, never SECRET_KEY."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute


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


class _Encrypted(str):
    """A value as it is stored."""

    __slots__ = ()

    def decrypt(self) -> dict:
        """Raises Undecryptable."""
        return json.loads(decrypt(self))


class _DecryptedOnUse(DeferredAttribute):
    """Decrypts when the attribute is read, so that a row whose key was lost can still be listed, changed and saved."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, _Encrypted):
            value = instance.__dict__[self.field.attname] = value.decrypt()
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedJSONField(models.TextField):
    """A JSON object that is stored encrypted, so that it is unreadable in the database and in every dump of it.

    Reading the attribute raises Undecryptable where its key was lost. Saving a row whose attribute was not read keeps
    what is stored.
    """

    descriptor_class = _DecryptedOnUse

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return model_instance.__dict__.get(self.attname)

    def get_prep_value(self, value: dict | str | None) -> str | None:
        if value is None or isinstance(value, _Encrypted):
            return value
        return _fernet().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else _Encrypted(value)

    def to_python(self, value: Any) -> Any:
        return value


def count_undecryptable(model: type[models.Model], name: str) -> int:
    """How many of the stored values of a field can't be decrypted."""
    values = model._default_manager.exclude(**{name: None}).values_list(name, flat=True)
    return sum(not _is_decryptable(value) for value in values.iterator(chunk_size=1000))


def _is_decryptable(value: _Encrypted) -> bool:
    try:
        value.decrypt()
    except Undecryptable:
        return False
    return True
