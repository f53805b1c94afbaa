"""The list of sessions knows when and from where each was used, and costs a statement every ten minutes."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts import seen_sessions
from tests.conftest import PASSWORD

SESSIONS = "/accounts/sessions/"


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


@pytest.fixture
def clock(monkeypatch):
    """clock.now can be set to any second."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(seen_sessions, "time", clock)
    return clock


def log_in(user, **headers) -> Client:
    client = Client(headers=headers)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def last_seen():
    return UserSession.objects.get().last_seen_at


def test_a_session_is_noted_again_after_ten_minutes(alice, clock):
    client = log_in(alice)
    client.get("/profile/")
    first = last_seen()
    clock.now += seen_sessions.SECONDS - 1
    client.get("/profile/")
    assert last_seen() == first
    clock.now += 1
    client.get("/profile/")
    assert last_seen() > first


def test_another_address_or_browser_is_noted_at_once(alice, clock):
    client = log_in(alice)
    for extra in ({"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "198.51.100.7", "HTTP_USER_AGENT": "Other"}):
        client.get("/profile/", **extra)
        session = UserSession.objects.get()
        assert (session.ip, session.user_agent) == ("198.51.100.7", extra.get("HTTP_USER_AGENT", ""))


def test_a_session_that_is_signed_out_from_another_one_is_over(alice, clock):
    here, there = log_in(alice, user_agent="Here"), log_in(alice, user_agent="There")
    here.get("/profile/")
    there.get("/profile/")
    page = here.get(SESSIONS).content.decode()
    assert "Here" in page and "There" in page
    here.post(SESSIONS)  # signs out all others
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    assert UserSession.objects.get().user_agent == "Here"


def test_a_new_key_of_a_session_is_listed_at_once(alice, clock):
    """Changing the password gives the browser another session; the list must not lack it until ten minutes are over."""
    client = log_in(alice)
    client.get("/profile/")
    fields = {"oldpassword": PASSWORD, "password1": "battery horse 77", "password2": "battery horse 77"}
    client.post("/accounts/password/change/", fields)
    client.get("/profile/")
    assert UserSession.objects.filter(session_key=client.session.session_key).exists()


def test_what_a_process_remembers_is_bounded(alice, bob, clock, monkeypatch):
    monkeypatch.setattr(seen_sessions, "REMEMBERED", 1)
    alices, bobs = log_in(alice), log_in(bob)
    for client in (alices, bobs):
        client.get("/profile/")
    before = UserSession.objects.get(user=alice).last_seen_at
    alices.get("/profile/")
    assert UserSession.objects.get(user=alice).last_seen_at > before
