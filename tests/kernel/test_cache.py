"""The cache keeps what limits need, and what is over is deleted."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from kernel.jobs import enqueue


def entries() -> int:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return cursor.fetchone()[0]


def test_no_number_of_entries_drives_out_one_that_is_still_needed(db):
    limits = [f"allauth:rl:login_failed:{n}" for n in range(5)]
    for key in limits:
        cache.set(key, [1.0], 3600)
    for n in range(1000):
        cache.set(f"z{n}", n, 3600)
    assert len(cache.get_many(limits)) == 5 and entries() == 1005


def test_it_keeps_the_promises_of_a_cache(db):
    assert cache.add("a", {"x": 1}, 60) and not cache.add("a", 2, 60) and cache.get("a") == {"x": 1}
    cache.set("a", 3, 60)
    assert cache.get("a") == 3 and cache.touch("a", 60) and not cache.touch("b", 60)
    cache.set("forever", 1, None)
    assert cache.get("forever") == 1 and "forever" in cache
    cache.set("over", 1, -1)
    assert cache.get("over") is None and not cache.touch("over", 60)
    cache.set("over", 1, -1)
    assert cache.add("over", 2, 60) and cache.get("over") == 2
    assert cache.incr("over") == 3 and cache.delete("over") and cache.get("over") is None


def test_failed_log_ins_are_still_counted_when_others_flood_the_cache(alice, client):
    def is_blocked() -> bool:
        page = client.post("/accounts/login/", {"login": alice.email, "password": "wrong password"})
        return "Too many failed attempts" in page.content.decode()

    for _ in range(4):
        assert not is_blocked()
    for n in range(400):
        cache.set(f"z{n}", 1, 3600)
    assert not is_blocked() and is_blocked()


@pytest.mark.parametrize("hours, stays", [(-2, False), (2, True)])
def test_sessions_that_are_over_are_deleted(alice, as_user, run_jobs, hours, stays):
    browser = as_user(alice)
    browser.get("/profile/")
    key = browser.cookies["session"].value
    with connections["engine"].cursor() as cursor:
        cursor.execute("UPDATE django_session SET expire_date = %s", [timezone.now() + timedelta(hours=hours)])
        cursor.execute("UPDATE usersessions_usersession SET last_seen_at = now() - interval '1 day'")
        assert cursor.rowcount == 1
    cache.set("over", 1, -1)
    enqueue("accounts.clear_expired")
    run_jobs()
    assert SessionStore().exists(key) is stays and Session.objects.count() == int(stays)
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usersessions_usersession")
        assert cursor.fetchone()[0] == int(stays)
    assert entries() == 0


def test_a_recurring_job_clears_it(settings):
    assert "accounts.clear_expired" in {name for _, name, _ in settings.RECURRING_JOBS}
