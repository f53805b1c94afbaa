"""Set up an authenticator app, recovery codes and a passkey, and log in with each of them."""

import re

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time

from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def code_of(secret: str) -> str:
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"


def log_in(visitor):
    visitor.go("/accounts/login/")
    visitor.page.get_by_label("E-mail").fill("ana@shop.example")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    submit(visitor.page)


def submit(page, name=None):
    """Press the form's main button and wait for the page that follows it."""
    with page.expect_navigation():
        (page.get_by_role("button", name=name) if name else page.locator("main form button[type=submit]")).first.click()


def confirm_password(visitor):
    visitor.page.get_by_label("Password").fill(PASSWORD)
    submit(visitor.page)
    visitor.look()


def log_out(visitor):
    visitor.context.clear_cookies()


def give_code(page, label, secret):
    """Type the code of the authenticator app; once more if its half minute was over when the form arrived."""
    for _ in range(2):
        page.get_by_label(label).fill(code_of(secret))
        submit(page)
        if "Incorrect code" not in page.content():
            return


def add_authenticator(visitor):
    """Add Chromium's virtual authenticator, which confirms every request."""
    device = visitor.context.new_cdp_session(visitor.page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_authenticator_app_recovery_codes_and_passkey(browser, product):
    make_workspace("Shop", make_person("ana@shop.example", "Ana"))
    ana = Visitor(browser, product.address)
    page = ana.page
    log_in(ana)

    ana.go("/accounts/2fa/")
    ana.go("/accounts/2fa/totp/activate/")
    confirm_password(ana)
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill("000000")
    submit(page)
    assert "Incorrect code" in page.content()
    assert page.get_by_label("Authenticator secret").input_value() == secret
    give_code(page, "Authenticator code", secret)
    ana.go("/accounts/2fa/recovery-codes/")
    codes = re.findall(r"\b[0-9a-f]{8}\b", page.locator("textarea").input_value())
    assert len(set(codes)) == 10

    log_out(ana)
    log_in(ana)
    assert "/2fa/authenticate/" in page.url, "the password alone is not enough"
    page.get_by_label("Code").fill("123456")
    submit(page)
    assert "Incorrect code" in page.content()
    page.get_by_label("Code").fill(codes[0])
    submit(page)
    assert page.url.startswith(f"{product.address}/w/shop/")

    log_out(ana)
    log_in(ana)
    page.get_by_label("Code").fill(codes[0])
    submit(page)
    assert "Incorrect code" in page.content(), "a recovery code works once"
    give_code(page, "Code", secret)
    assert page.url.startswith(f"{product.address}/w/shop/")

    add_authenticator(ana)
    ana.go("/accounts/2fa/webauthn/add/")
    confirm_password(ana)
    page.get_by_label("Name").fill("My phone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.get_by_text("1 security key").wait_for()
    ana.look()
    log_out(ana)
    ana.go("/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/w/shop/**")
    assert ana.problems == []
