"""Second factors: encrypted where they are stored, and asked of platform staff."""

from __future__ import annotations

import base64
import logging
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts.models import User
from kernel.secrets import Undecryptable, decrypt, encrypt

log = logging.getLogger("fanfare.accounts")

#: Recovery codes are no factor of their own: they stand in for one of these.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class MFAAdapter(DefaultMFAAdapter):
    """allauth's hooks. What a code is made from (the secret of an authenticator app, the seed of recovery codes) is
    stored under FIELD_ENCRYPTION_KEYS; security keys have public keys only."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return decrypt(encrypted_text)
        except Undecryptable as problem:
            log.error("A second factor can't be used: %s", problem)
            # Nobody's secret, in an authenticator app's alphabet: every code is wrong. An empty one could be guessed.
            return base64.b32encode(secrets.token_bytes(20)).decode()


def has_one(user: User) -> bool:
    return is_mfa_enabled(user, types=FACTORS)


def is_missing(user: User) -> bool:
    """Whether this member of the platform's staff has to set one up before they see the admin."""
    return settings.ADMIN_SECOND_FACTOR and user.is_active and user.is_staff and not has_one(user)
