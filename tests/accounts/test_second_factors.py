"""Second factors are unreadable where they are stored, and the admin asks staff for one."""

import importlib

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.apps import apps
from django.db import connections

from tests.conftest import PASSWORD


def code_of(secret: str) -> str:
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"


def stored() -> str:
    """What a dump shows."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        return cursor.fetchone()[0]


def test_what_codes_are_made_from_is_encrypted_and_works(alice):
    secret = generate_totp_secret()
    app = TOTP.activate(alice, secret)
    recovery = RecoveryCodes.activate(alice)
    codes = recovery.generate_codes()
    assert secret not in stored() and "gAAAA" in Authenticator.objects.get(type="totp").data["secret"]
    assert "gAAAA" in Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert app.validate_code(code_of(secret)) and not app.validate_code("000000")
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes


def test_with_a_lost_key_every_code_is_wrong(alice, settings):
    secret = generate_totp_secret()
    app = TOTP.activate(alice, secret)
    settings.FIELD_ENCRYPTION_KEYS = ["another-key-" + "z" * 40]
    assert not app.validate_code(code_of(secret)) and not app.validate_code("000000")


def test_the_migration_encrypts_what_was_stored_in_the_clear(alice):
    migration = importlib.import_module("accounts.migrations.0003_encrypt_second_factors")
    secret = generate_totp_secret()
    app = Authenticator.objects.create(user=alice, type="totp", data={"secret": secret})
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "ab" * 40, "used_mask": 1})
    with connections["engine"].schema_editor(atomic=False) as editor:
        for _run in range(2):
            migration.to_encrypted(apps, editor)
        app.refresh_from_db()
        assert secret not in stored() and TOTP(app).validate_code(code_of(secret))
        assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 1
        migration.to_plain(apps, editor)
    assert Authenticator.objects.get(type="totp").data == {"secret": secret}


@pytest.fixture
def staff(alice, settings):
    settings.ADMIN_SECOND_FACTOR = True
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return alice


@pytest.mark.parametrize("path", ["", "login/", "accounts/workspace/", "sending/", "accounts/user/1/change/"])
def test_a_password_alone_does_not_open_the_admin(staff, as_user, path):
    answer = as_user(staff).get(f"/admin/{path}", follow=True)
    page = answer.content.decode()
    assert answer.status_code == 403 and "Set up a second factor first" in page and "/accounts/2fa/" in page
    RecoveryCodes.activate(staff)
    assert as_user(staff).get(f"/admin/{path}", follow=True).status_code == 403, "recovery codes stand in for a factor"


def test_with_a_second_factor_staff_get_in_and_only_with_its_code(staff, client):
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    client.post("/accounts/login/", {"login": staff.email, "password": PASSWORD})
    assert client.get("/admin/", follow=True).redirect_chain, "the password alone logs nobody in"
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/accounts/workspace/").status_code == 200


def test_members_who_are_no_staff_see_nothing_of_it(alice, as_user, settings):
    settings.ADMIN_SECOND_FACTOR = True
    assert as_user(alice).get("/admin/", follow=True).status_code == 403
    assert as_user(alice).get("/profile/").status_code == 200
