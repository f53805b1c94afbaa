"""/healthz and /readyz: what load balancers and schedulers ask."""

import logging

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from adminpanel import probes
from delivery.models import WorkerBeat


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[fd00::7]", "any.internal", "bad_host!", ""])
def test_probes_answer_by_any_name_or_address(db, client, settings, caplog, path, host):
    settings.SECURE_SSL_REDIRECT = True
    with caplog.at_level(logging.DEBUG):
        answer = client.get(path, headers={"host": host})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert not caplog.records
    assert client.head(path, headers={"host": host}).status_code == 200
    assert client.post(path).status_code == 405


def test_other_pages_still_check_the_host(db, client):
    assert client.get("/accounts/login/", headers={"host": "10.0.0.7"}).status_code == 400


def test_the_web_is_ready_without_workers(db, client):
    """Pages and unsubscribing go on while workers are down, so no load balancer may take the web servers out."""
    assert not WorkerBeat.objects.exists()
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json() == {"database": "ok", "migrations": "ok"}


def test_asking_often_costs_nothing(db, client):
    client.get("/readyz")
    with CaptureQueriesContext(connections["default"]) as queries:
        for _ in range(50):
            assert client.get("/readyz").status_code == 200
    assert not queries.captured_queries


def test_it_is_not_ready_without_the_database_and_ready_again_later(db, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(probes.time, "monotonic", lambda: now[0])
    readiness = probes.Readiness()
    assert readiness.read() == {"database": True, "migrations": True}
    connections["default"].close()
    with monkeypatch.context() as without:
        without.setitem(connections["default"].settings_dict, "PORT", "1")
        assert readiness.read() == {"database": True, "migrations": True}
        now[0] = 10.0
        assert readiness.read() == {"database": False}
    now[0] = 20.0
    assert readiness.read() == {"database": True, "migrations": True}


def test_it_is_not_ready_before_migrations(db, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(probes.time, "monotonic", lambda: now[0])
    readiness = probes.Readiness()
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'gone' WHERE app = 'campaigns'")
    try:
        assert readiness.read() == {"database": True, "migrations": False}
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET app = 'campaigns' WHERE app = 'gone'")
    now[0] = 10.0
    assert readiness.read() == {"database": True, "migrations": True}


def test_a_database_that_hangs_counts_as_down(db, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(probes.time, "monotonic", lambda: now[0])
    readiness = probes.Readiness()
    readiness.read()
    with readiness._lock:  # somebody asks, and gets no answer
        now[0] = 10.0
        assert readiness.read() == {"database": True, "migrations": True}
        now[0] = 30.0
        assert readiness.read() == {"database": False}
