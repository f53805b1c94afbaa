"""A reader gets each change once, also of transactions that commit late, and whatever fails meanwhile."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connections, transaction
from django.utils import timezone

from adminpanel import watchdog
from adminpanel.health import database as health
from contacts.changes import eras, reading
from contacts.changes.reading import READERS
from contacts.models import ChangeReader, ContactChange, ContactTag, Tag
from kernel.tenancy import scope
from tests import factories
from tests.partitions import execute

NAME = "test"


@pytest.fixture
def got():
    return []


@pytest.fixture
def read(got, db):
    """Read what there is, and return the kinds of it. The first call begins: it finds nothing."""

    def once(most: int = 100, *, wait: bool = True) -> list[str]:
        if wait:
            wait_for_others()
        before = len(got)
        reading.read(NAME, lambda cursor, changes: got.extend(changes), most=most)
        return [change.kind for change in got[before:]]

    assert once() == []
    return once


def wait_for_others() -> None:
    """Until each transaction that is open on this server is over: other tests use it, too, and no reader reads beyond
    what they may still write."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        now = cursor.fetchone()[0]
        for _ in range(6000):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > now:
                return
            time.sleep(0.01)
    raise AssertionError("a transaction is open for a minute")


@contextmanager
def another_connection():
    """Beside those of the test, as the engine: what it writes is not committed until it says so."""
    parameters = connections["engine"].get_connection_params()
    with psycopg.connect(**{k: v for k, v in parameters.items() if k not in ("cursor_factory", "context")}) as other:
        yield other


def tag_in(connection, workspace, contact, tag) -> None:
    connection.execute(
        "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) VALUES (%s, %s, %s)",
        [workspace.pk, contact.pk, tag.pk],
    )


def test_each_change_is_read_once_in_order(acme, beta, read, got):
    with scope(acme):
        factories.contacts(2)
    with scope(beta):
        factories.contacts(1)
    assert read(most=2) == ["created", "subscribed"]
    assert read(most=2) == ["created", "subscribed"]
    assert read() == []
    assert [change.workspace_id for change in got] == [acme.pk] * 2 + [beta.pk] * 2


def test_what_commits_late_is_not_lost(acme, read):
    """The first transaction takes the lower number and id, and commits after a later one was there to be read."""
    with scope(acme):
        (contact,) = factories.contacts(1)
        early, late = Tag.objects.create(name="early"), Tag.objects.create(name="late")
    read()
    with another_connection() as first, another_connection() as second:
        tag_in(first, acme, contact, early)
        tag_in(second, acme, contact, late)
        second.commit()
        assert read(wait=False) == [], "what is before it may still come"
        first.commit()
    assert read() == ["tagged", "tagged"]
    assert read() == []


def test_ids_do_not_decide_the_order(acme, read, got):
    """Here the transaction with the lower number writes last: its id is the higher one."""
    with scope(acme):
        (contact,) = factories.contacts(1)
        one, two = Tag.objects.create(name="one"), Tag.objects.create(name="two")
    read()
    with another_connection() as first, another_connection() as second:
        first.execute("SELECT pg_current_xact_id()")
        tag_in(second, acme, contact, two)
        second.commit()
        assert read(wait=False) == []
        tag_in(first, acme, contact, one)
        first.commit()
    read()
    assert [change.target_id for change in got[-2:]] == [one.pk, two.pk]
    assert got[-2].id > got[-1].id


def test_work_that_fails_is_undone_and_comes_again(acme, read):
    with scope(acme):
        factories.contacts(1)

    def failing(cursor, changes):
        cursor.execute("UPDATE accounts_workspace SET name = 'changed' WHERE id = %s", [acme.pk])
        raise ValueError("broken")

    wait_for_others()
    with pytest.raises(ValueError, match="broken"):
        reading.read(NAME, failing)
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert read() == ["created", "subscribed"]


def test_a_reader_that_fails_stops_no_other(acme, read, got, monkeypatch):
    def failing(cursor, changes):
        raise ValueError("broken")

    monkeypatch.setattr(READERS, "_items", {"a": failing, NAME: lambda cursor, changes: got.extend(changes)})
    reading.read_all()  # where "a" begins
    with scope(acme):
        factories.contacts(1)
    wait_for_others()
    reading.read_all()
    assert [change.kind for change in got] == ["created", "subscribed"]


def test_two_workers_do_not_read_at_once(acme, read):
    with scope(acme):
        factories.contacts(1)
    with another_connection() as other:
        other.execute("SELECT FROM contacts_changereader WHERE name = %s FOR UPDATE", [NAME])
        assert read(wait=False) == []
    assert read() == ["created", "subscribed"]


def test_a_new_reader_begins_with_what_comes(acme, db):
    got = []
    with scope(acme):
        factories.contacts(1)
    wait_for_others()
    reading.read("new", lambda cursor, changes: got.extend(changes))
    with scope(acme):
        factories.contacts(1, email="later@example.com")
    wait_for_others()
    reading.read("new", lambda cursor, changes: got.extend(changes))
    assert [change.kind for change in got] == ["created", "subscribed"]


def test_another_server_counts_anew(acme, read, got):
    """After a restore, numbers of transactions are lower than those that were read."""
    with scope(acme):
        factories.contacts(1)
    read()
    # As if the changes had come from a server that had given out far more numbers.
    execute("UPDATE contacts_contactchange SET xact = xact + 1000000000")
    ChangeReader.objects.update(xact=10**9 + 10**8)
    with scope(acme):
        factories.contacts(1, email="before@example.com")
    eras.begin()
    with scope(acme):
        factories.contacts(1, email="after@example.com")
    before = len(got)
    while read():
        pass
    with scope(acme):
        ids = {c.pk for c in ContactChange.objects.filter(kind="created")}
    assert {change.id for change in got if change.kind == "created"} == ids
    assert [change.kind for change in got[before:]] == ["created", "subscribed", "created", "subscribed"]
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_contactchange ALTER COLUMN era SET DEFAULT 1")


def test_a_row_of_an_era_to_come_moves_no_reader(acme, read):
    """Nobody can make all readers skip what follows."""
    with scope(acme):
        (contact,) = factories.contacts(1)
        ContactChange.objects.create(kind="created", era=9, xact=1, contact_ids=[contact.pk])
    assert read() == ["created", "subscribed"]


def test_a_neighbours_changes_are_not_seen(acme, beta, db):
    with scope(beta):
        factories.contacts(1)
    with scope(acme):
        assert not ContactChange.objects.exists()
        factories.contacts(1)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT DISTINCT workspace_id FROM contacts_contactchange")
            assert cursor.fetchall() == [(acme.pk,)]


def test_doctor_names_a_reader_that_is_behind(acme, read, monkeypatch):
    monkeypatch.setattr(READERS, "_items", {NAME: print})
    (finding,) = health.change_readers()
    assert finding.ok
    ChangeReader.objects.update(upto=timezone.now() - timedelta(days=2))
    (finding,) = health.change_readers()
    assert not finding.ok
    assert NAME in str(finding)
    read()
    (finding,) = health.change_readers()
    assert finding.ok


def test_a_reader_has_not_read_what_waits_for_an_open_transaction(acme, read, monkeypatch):
    """It may be open for days. Then the doctor must say so, although the reader finds nothing to read."""
    monkeypatch.setattr(READERS, "_items", {NAME: print})
    with scope(acme):
        (contact,) = factories.contacts(1)
        early, late = Tag.objects.create(name="early"), Tag.objects.create(name="late")
    read()
    with another_connection() as first, another_connection() as second:
        tag_in(first, acme, contact, early)
        tag_in(second, acme, contact, late)
        second.commit()
        execute("UPDATE contacts_contactchange SET at = now() - interval '2 days' WHERE kind = 'tagged'")
        assert read(wait=False) == []
        (finding,) = health.change_readers()
        assert not finding.ok and NAME in str(finding)
        first.commit()
    assert read() == ["tagged", "tagged"]
    (finding,) = health.change_readers()
    assert finding.ok


def test_doctor_names_a_reader_that_never_began(acme, read, monkeypatch):
    monkeypatch.setattr(READERS, "_items", {NAME: print, "new": print})
    (finding,) = health.change_readers()
    assert not finding.ok
    assert "new has never read" in str(finding) and NAME not in str(finding)


def test_nothing_is_enqueued_while_nobody_reads(settings, monkeypatch, db):
    settings.RECURRING_JOBS = [(5, "contacts.read_changes", "..."), (5, "contacts.index_words", "...")]
    asked: list[str] = []
    monkeypatch.setattr(watchdog, "enqueue", asked.append)
    monkeypatch.setattr(READERS, "_items", {})
    watchdog.Watchdog(["default"])._enqueue_recurring()
    assert asked == ["contacts.index_words"]
    monkeypatch.setattr(READERS, "_items", {NAME: print})
    watchdog.Watchdog(["default"])._enqueue_recurring()
    assert asked[1:] == ["contacts.read_changes", "contacts.index_words"]


def test_what_is_old_goes_with_its_month_and_disturbs_no_reader(acme, read, settings):
    from kernel import partitions

    settings.CHANGE_DAYS = 90
    with scope(acme):
        (contact,) = factories.contacts(1)
    read()
    execute("UPDATE contacts_contactchange SET at = now() - interval '400 days'")
    before = {part.name for part in _parts()}
    while partitions._one_step(partitions.TABLES["contacts_contactchange"]):
        pass
    # The first partition has no lower end: it goes when its end is old enough.
    assert before <= {part.name for part in _parts()} | {"contacts_contactchange_first"}
    with scope(acme):
        ContactTag.objects.create(contact=contact, tag=Tag.objects.create(name="x"))
    assert read() == ["tagged"]


def _parts():
    from kernel import partitions

    with connections["owner"].cursor() as cursor:
        return partitions.partitions(cursor, partitions.TABLES["contacts_contactchange"])
