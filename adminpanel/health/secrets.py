"""Whether what is stored encrypted can still be decrypted."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from adminpanel.health.findings import Finding
from kernel.secrets import EncryptedJSONField, count_undecryptable
from kernel.tenancy import across_workspaces


def decryptable() -> Iterator[Finding]:
    todo = (
        "Put the key they were stored with back into FIELD_ENCRYPTION_KEYS, behind the current one. If it is lost, the "
        "merchants' pages ask them to enter passwords again; what needs them waits until then."
    )
    lost = count_lost_secrets()
    text = "all can be decrypted" if not lost else f"{lost} can't be decrypted"
    yield Finding("stored secrets", not lost, text, todo)


def count_lost_secrets() -> int:
    """How many stored secrets FIELD_ENCRYPTION_KEYS does not fit."""
    with across_workspaces("the operator checks the encryption keys"):
        return sum(
            count_undecryptable(model, field.name)
            for model in apps.get_models()
            for field in model._meta.fields
            if isinstance(field, EncryptedJSONField)
        )
