"""Logging in and signing up: behind proxies, under attack, and without telling who has an account."""

import logging

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client

from kernel import http
from tests.conftest import PASSWORD

PROXY = "10.0.0.1"


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def log_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def through_proxy(visitor: str) -> dict:
    return {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": visitor}


def test_behind_a_proxy_one_visitors_wrong_passwords_stop_nobody_else(alice, bob, settings):
    settings.TRUSTED_PROXIES = 1
    for n in range(15):
        log_in(Client(), f"x{n}@example.com", "wrong", **through_proxy("203.0.113.9"))
    stopped, free = Client(), Client()
    log_in(stopped, alice.email, **through_proxy("203.0.113.9"))
    log_in(free, alice.email, **through_proxy("198.51.100.7"))
    assert not is_in(stopped) and is_in(free)
    assert UserSession.objects.get().ip == "198.51.100.7", "the list of sessions shows the visitor's address"


@pytest.mark.parametrize("proxies", [0, 1])
def test_logging_in_works_through_a_unix_socket(alice, settings, proxies):
    """gunicorn leaves REMOTE_ADDR empty there."""
    settings.TRUSTED_PROXIES = proxies
    client = Client(REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert log_in(client, alice.email).status_code == 302
    assert client.get("/accounts/sessions/").status_code == 200
    assert UserSession.objects.get().ip == ("198.51.100.7" if proxies else "0.0.0.0")


def test_a_proxy_that_is_not_trusted_is_warned_about_once(rf, settings, caplog):
    settings.TRUSTED_PROXIES = 0
    http._warn_about_proxy.cache_clear()
    with caplog.at_level(logging.WARNING, logger="fanfare.web"):
        for _request in range(3):
            http.client_address(rf.get("/", headers={"x-forwarded-for": "198.51.100.7"}))
    assert [record.getMessage() for record in caplog.records if "TRUSTED_PROXIES" in record.getMessage()] != []
    assert len(caplog.records) == 1


def test_wrong_passwords_of_others_do_not_lock_somebody_out_of_a_known_browser(alice):
    known, new = Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="198.51.100.8")
    log_in(known, alice.email)
    known.post("/accounts/logout/")
    for n in range(6):
        log_in(Client(REMOTE_ADDR=f"203.0.113.{n}"), alice.email, "wrong")
    log_in(known, alice.email)
    log_in(new, alice.email)
    assert is_in(known) and not is_in(new)


def test_a_known_browser_has_no_more_tries_than_others_and_none_for_other_people(alice, bob):
    client = Client(REMOTE_ADDR="198.51.100.7")
    log_in(client, alice.email)
    client.post("/accounts/logout/")
    for _attempt in range(5):
        log_in(client, alice.email, "wrong")
    log_in(client, alice.email)
    assert not is_in(client)
    for n in range(5):
        log_in(Client(REMOTE_ADDR=f"203.0.113.{n}"), bob.email, "wrong")
    other = Client(REMOTE_ADDR="198.51.100.9")
    other.cookies = client.cookies
    log_in(other, bob.email)
    assert not is_in(other)


def test_signing_up_does_the_same_work_whether_the_address_has_an_account(alice, monkeypatch):
    hashed = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda *args, **kwargs: hashed.append(1) or encode(*args, **kwargs)
    )
    counts = []
    for email in (alice.email, "new@example.com"):
        hashed.clear()
        answer = Client().post("/accounts/signup/", {"name": "N", "email": email, "password1": PASSWORD})
        counts.append((answer.status_code, answer["Location"], len(hashed)))
    assert counts[0] == counts[1] and counts[0][2] == 1
