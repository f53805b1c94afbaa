"""allauth's own transactions are on the connection that has its tables."""

import re
from pathlib import Path

import allauth
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import connections

PATCHED = {
    "account/managers.py",
    "mfa/recovery_codes/internal/auth.py",
    "mfa/recovery_codes/internal/flows.py",
    "mfa/totp/internal/flows.py",
    "usersessions/models.py",
}


def test_all_of_allauths_transactions_are_known():
    root = Path(allauth.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if not {"tests", "migrations", "idp"} & set(path.parts)  # Fanfare is no identity provider
        and re.search(r"transaction\.(atomic|on_commit)|select_for_update", path.read_text())
    }
    assert found == PATCHED


def test_each_recovery_code_is_taken_once(alice):
    codes = RecoveryCodes.activate(alice)
    code = codes.get_unused_codes()[0]
    assert codes.validate_code("00000000") is False
    assert codes.validate_code(code) is True
    assert codes.validate_code(code) is False


@pytest.mark.parametrize("name", ["default", "engine"])
def test_nothing_is_left_open(alice, name):
    RecoveryCodes.activate(alice).validate_code("00000000")
    assert not connections[name].in_atomic_block
