"""A file of events, such as orders: checked, imported once however often, undone."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.contact_events import limits
from contacts.imports import event_rows, prefetch, run_settings, uploading
from contacts.imports import events as importing
from contacts.models import Contact, ContactEvent, EventName, ImportNote, RejectedRow
from contacts.people import merging
from kernel.tenancy import scope
from tests.contacts.imports.events.orders import EVENT, MAPPING, events, import_orders, order_file
from tests.contacts.imports.running import counts, finish, forecast_of, import_file, prepare

PARIS = ZoneInfo("Europe/Paris")


def test_orders_go_to_the_people_they_are_about(acme, people):
    done = import_orders(
        acme,
        "ana@example.com;2021-03-01;12,50;A1",
        "Ben <BEN@example.com>;2021-03-02 14:03;3;A2",
        "ana@example.com;2021-03-03;;A3",
    )
    assert counts(done) == {"created": 3}
    assert events(acme) == [
        ("ana@example.com", "Order", Decimal("12.5"), "EUR"),
        ("ben@example.com", "Order", Decimal(3), "EUR"),
        ("ana@example.com", "Order", None, ""),
    ]
    with scope(acme):
        assert Contact.objects.count() == 3 and ContactEvent.objects.filter(import_id=done.pk).count() == 3


def test_rows_that_cannot_be_imported_are_kept_with_their_reasons(acme, people):
    future = (timezone.now() + dt.timedelta(days=2)).date().isoformat()
    done = import_orders(
        acme,
        "nobody@example.com;2021-03-01;1;1",
        "gone@example.com;2021-03-01;1;2",
        "ana@example.com;soon;1;3",
        "ana@example.com;;1;4",
        f"ana@example.com;{future};1;5",
        "ana@example.com;1999-01-01;1;6",
        "ana@example.com;2021-03-01;much;7",
        "ana@example.com;2021-03-01;1 XXX;8",
        ";2021-03-01;1;9",
        "ana@example.com;2021-03-01;1;10",
    )
    assert counts(done) == {"created": 1, "rejected": 9}
    with scope(acme):
        reasons = dict(RejectedRow.objects.values_list("line", "reason"))
    assert reasons == {
        2: "unknown_contact",
        3: "in_trash",
        4: "event_time",
        5: "event_no_time",
        6: "event_future",
        7: "event_old",
        8: "event_value",
        9: "event_currency",
        10: "no_address",
    }


def test_the_same_file_again_doubles_nothing(acme, people):
    rows = ["ana@example.com;2021-03-01;1;A1", "ben@example.com;2021-03-01;1;", "ana@example.com;2021-03-01;1;"]
    assert counts(import_orders(acme, *rows)) == {"created": 3}
    assert counts(import_orders(acme, *reversed(rows), "ana@example.com;2021-04-01;99;A1")) == {
        "skipped": 3,
        "merged": 1,
    }
    assert len(events(acme)) == 3


@pytest.mark.parametrize("number", ["A1", ""])
def test_a_name_with_and_without_accents_is_one_order_in_the_next_file(acme, people, number):
    row = f"ana@example.com;2021-03-01;1;{number}"
    import_orders(acme, row, event=EVENT | {"name": "Commande réglée"})
    assert counts(import_orders(acme, row, event=EVENT | {"name": "COMMANDE REGLEE"})) == {"skipped": 1}
    assert counts(import_orders(acme, row, event=EVENT | {"name": "Commande"})) == {"created": 1}


def test_identical_rows_without_a_number_are_one_event_also_far_apart(acme, people, monkeypatch):
    monkeypatch.setattr(prefetch, "CHUNK", 2)
    row, other = "ana@example.com;2021-03-01;1;", "ana@example.com;2021-03-01;2;"
    assert counts(import_orders(acme, row, row, other, row)) == {"created": 2, "merged": 2}


def test_after_a_merge_the_next_file_doubles_nothing(acme, people):
    rows = ["ben@example.com;2021-03-01;1;A1", "ben@example.com;2021-03-02;1;"]
    import_orders(acme, *rows)
    with scope(acme):
        ana, ben, _gone = people
        merging.merge(*merging.locked(ana.pk, ben.pk), set(), actor=None, address=None)
    assert counts(import_orders(acme, *rows, "ben@example.com;2021-03-03;1;A2")) == {"skipped": 2, "created": 1}
    assert {email for email, *_rest in events(acme)} == {"ana@example.com"}


def test_nobody_is_erased_or_merged_while_their_events_are_written(acme, people):
    done = prepare(acme, order_file("ana@example.com;2021-03-01;1;1"), MAPPING, target="events", event=EVENT)
    with scope(acme):
        settings = run_settings.load(done)
    row = event_rows.RowReader(settings)(2, ["ana@example.com", "2021-03-01", "1", "1"])
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        assert importing.write(cursor, done, [row])[0]["created"] == 1
        with connections["owner"].cursor() as other, pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute("SELECT FROM contacts_contact WHERE email = 'ana@example.com' FOR UPDATE NOWAIT")


def test_a_chunk_asks_for_what_is_there_once(acme, people):
    """The people before and after they are locked, the keys once."""
    done = prepare(acme, order_file("ana@example.com;2021-03-01;1;1"), MAPPING, target="events", event=EVENT)
    with scope(acme):
        settings = run_settings.load(done)
    row = event_rows.RowReader(settings)(2, ["ana@example.com", "2021-03-01", "1", "1"])
    with (
        transaction.atomic("engine"),
        CaptureQueriesContext(connections["engine"]) as asked,
        connections["engine"].cursor() as cursor,
    ):
        assert importing.write(cursor, done, [row])[0]["created"] == 1
    parts = ("c.email = ANY", "key = ANY", "pg_advisory_xact_lock", "INSERT INTO contacts_contactevent")
    assert [sum(part in query["sql"] for query in asked) for part in parts] == [2, 1, 1, 1]


def test_customer_numbers_names_currencies_and_properties_come_from_columns(acme, people):
    data = order_file(
        "K1;2021-03-01;purchase;£1,234.50;;Lyon;n/a;",
        "K1;2021-03-02;PURCHASE;5;chf;;x;",
        f"K1;2021-03-03;visit;;;{'y' * 501};;",
        head="no;when;what;amount;cur;Shop;Size;",
    )
    mapping = ["external_id", "event_time", "event_name", "event_value", "event_currency", *["event_property"] * 2, ""]
    done = import_file(acme, data, mapping, target="events", event={}, reading=[{}] * 3 + [{"number": "point"}])
    assert counts(done) == {"created": 3}
    with scope(acme):
        found = list(ContactEvent.objects.order_by("at").values_list("name__name", "value", "currency", "properties"))
        assert found == [
            ("purchase", Decimal("1234.5"), "GBP", {"Shop": "Lyon"}),
            ("purchase", Decimal(5), "CHF", {"Size": "x"}),
            ("visit", None, "", {}),
        ]
        assert ImportNote.objects.get().reason == "too_long"


@pytest.mark.parametrize(
    "row, reason",
    [
        ("K1;ben@example.com", "conflict"),
        ("K1;cleo@example.com", "other_address"),
        ("K9;ana@example.com", "other_number"),
        ("K9;cleo@example.com", "unknown_contact"),
        ("K2;", "in_trash"),
        (";gone@example.com", "in_trash"),
        ("K2;gone@example.com", "in_trash"),
        ("K1;ana@example.com", ""),
        ("K1;", ""),
        ("K9;ben@example.com", ""),
    ],
)
def test_an_order_goes_to_nobody_if_its_number_and_its_address_disagree(acme, people, row, reason):
    with scope(acme):
        Contact.objects.filter(email="gone@example.com").update(external_id="K2")
    data = order_file(f"{row};2021-03-01", head="no;mail;when")
    done = prepare(acme, data, ["external_id", "email", "event_time"], target="events", event=EVENT)
    told = forecast_of(acme, done)
    assert told["reasons"] == ({reason: 1} if reason else {})
    assert counts(finish(acme, done)) == ({"rejected": 1} if reason else {"created": 1})
    with scope(acme):
        assert list(RejectedRow.objects.values_list("reason", flat=True)) == ([reason] if reason else [])


def test_a_customer_number_finds_somebody_without_an_address(acme):
    with scope(acme):
        Contact.objects.create(external_id="K1")
    data = order_file("K1;ben@example.com;2021-03-01", head="no;mail;when")
    mapping = ["external_id", "email", "event_time"]
    assert counts(import_file(acme, data, mapping, target="events", event=EVENT)) == {"created": 1}


def test_after_a_merge_both_numbers_and_addresses_are_of_one_person(acme, people):
    with scope(acme):
        ana, ben, _gone = people
        merging.merge(*merging.locked(ana.pk, ben.pk), set(), actor=None, address=None)
    data = order_file("K1;ben@example.com;2021-03-01", head="no;mail;when")
    mapping = ["external_id", "email", "event_time"]
    assert counts(import_file(acme, data, mapping, target="events", event=EVENT)) == {"created": 1}


def test_another_workspaces_people_and_orders_are_unknown(acme, beta, people):
    with scope(beta):
        Contact.objects.create(email="cleo@example.com")
    assert counts(import_orders(acme, "cleo@example.com;2021-03-01;1;A1")) == {"rejected": 1}
    assert counts(import_orders(beta, "cleo@example.com;2021-03-01;1;A1")) == {"created": 1}
    assert counts(import_orders(acme, "ana@example.com;2021-03-01;1;A1")) == {"created": 1}


@pytest.mark.parametrize("chunk", [3, 5000])
@pytest.mark.parametrize("seed", range(6))
def test_the_check_says_what_the_import_then_does(acme, people, monkeypatch, seed, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    monkeypatch.setattr(limits, "MAX_NAMES", 4)
    chance = random.Random(seed)
    import_orders(acme, "ana@example.com;2021-03-01;1;1", "ben@example.com;2021-03-01;1;2")
    who = ["ana@example.com", "ben@example.com", "cleo@example.com", "broken", ""]
    rows = [
        ";".join(
            [
                chance.choice(who),
                chance.choice(["2021-03-01", "2021-03-02", "never", ""]),
                chance.choice(["1", "2", "x"]),
                chance.choice(["", "", "1", "2", "3", "4"]),
                chance.choice(["", "order", "Visit", "VISIT", "Return", "Call", "Chat", "signed_up"]),
            ]
        )
        for _ in range(40)
    ]
    data = order_file(*rows, head="mail;when;amount;order;what")
    done = prepare(acme, data, [*MAPPING, "event_name"], target="events", event=EVENT)
    told = forecast_of(acme, done)
    finish(acme, done)
    names = ("created", "updated", "skipped", "merged", "rejected", "rows")
    assert {name: told["counts"].get(name, 0) for name in names} == {name: getattr(done, name) for name in names}
    with scope(acme):
        reasons = list(RejectedRow.objects.filter(contact_import=done).values_list("reason", flat=True))
        assert told["reasons"] == {reason: reasons.count(reason) for reason in set(reasons)}
        assert EventName.objects.count() <= 4


def test_a_check_changes_nothing(acme, people):
    forecast_of(
        acme, prepare(acme, order_file("ana@example.com;2021-03-01;1;1"), MAPPING, target="events", event=EVENT)
    )
    with scope(acme):
        assert not ContactEvent.objects.exists() and not EventName.objects.exists()


def test_an_undo_deletes_what_the_import_added_and_nothing_else(acme, people, bob, as_user, run_jobs):
    import_orders(acme, "ana@example.com;2021-03-01;1;1")
    done = import_orders(acme, "ana@example.com;2021-03-01;1;1", "ben@example.com;2020-03-01;1;2")
    client = as_user(bob)
    page = client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "The events it added are deleted." in page
    client.post(f"/w/acme/contacts/imports/{done.pk}/undo/")
    run_jobs()
    assert [email for email, *_rest in events(acme)] == ["ana@example.com"]
    assert "1 event was deleted." in client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    with scope(acme):
        assert Contact.objects.filter(deleted_at=None).count() == 2


def test_the_next_file_with_these_columns_starts_with_the_same_answers(acme, people):
    import_orders(acme, "ana@example.com;2021-03-01;1;A1", name="orders-2021-03.csv")
    with scope(acme):
        data = order_file("ana@example.com;2021-03-05;1;A9").encode()
        for name, event in (("orders-2021-04 (1).csv", EVENT), ("refunds-2021-04.csv", {"currency": "EUR"})):
            assert uploading.upload(SimpleUploadedFile(name, data), None, target="events").event == event
