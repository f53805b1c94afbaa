"""A file of events, such as orders: read, checked, imported once however often, undone, corrected."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import random
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts.contact_events import limits
from contacts.fields import values
from contacts.imports import event_reading, event_rows, prefetch, run_settings, uploading
from contacts.imports import events as importing
from contacts.imports.event_reading import EventReading
from contacts.models import Contact, ContactEvent, ContactImport, EventName, ImportNote, RejectedRow, Segment
from contacts.people import merging
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare
from tests.contacts.imports.test_consent_files import forecast_of

PARIS = ZoneInfo("Europe/Paris")
MAPPING = ["email", "event_time", "event_value", "event_number"]
EVENT = {"name": "Order", "currency": "EUR"}


def events(workspace) -> list[tuple]:
    with scope(workspace):
        emails = dict(Contact.objects.values_list("pk", "email"))
        return [
            (emails[event.contact_id], event.name.name, event.value, event.currency)
            for event in ContactEvent.objects.select_related("name").order_by("at", "id")
        ]


@pytest.fixture(autouse=True)
def _events_are_kept(settings):
    settings.EVENT_DAYS = 0


@pytest.fixture
def people(acme):
    with scope(acme):
        return Contact.objects.bulk_create(
            [
                Contact(email="ana@example.com", external_id="K1"),
                Contact(email="ben@example.com"),
                Contact(email="gone@example.com", deleted_at=timezone.now()),
            ]
        )


def order_file(*rows: str, head: str = "mail;when;amount;order") -> str:
    return "\n".join([head, *rows]) + "\n"


def import_orders(workspace, *rows: str, **more) -> ContactImport:
    return import_file(workspace, order_file(*rows), MAPPING, **{"target": "events", "event": EVENT} | more)


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
    row = event_rows.row_reader(settings)(2, ["ana@example.com", "2021-03-01", "1", "1"])
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        assert importing.write(cursor, done, [row])[0]["created"] == 1
        with connections["owner"].cursor() as other, pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute("SELECT FROM contacts_contact WHERE email = 'ana@example.com' FOR UPDATE NOWAIT")


def test_a_chunk_asks_for_what_is_there_once(acme, people):
    """The people before and after they are locked, the keys once."""
    done = prepare(acme, order_file("ana@example.com;2021-03-01;1;1"), MAPPING, target="events", event=EVENT)
    with scope(acme):
        settings = run_settings.load(done)
    row = event_rows.row_reader(settings)(2, ["ana@example.com", "2021-03-01", "1", "1"])
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
        ("K9;ana@example.com", "conflict"),
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


def test_from_the_upload_to_the_result(acme, people, bob, as_user, run_jobs):
    client = as_user(bob)
    page = client.get("/w/acme/contacts/imports/new/?target=events").content.decode()
    assert '<option value="events" selected>' in page
    assert client.get("/w/acme/contacts/imports/new/?target=x").status_code == 200
    data = order_file(
        "ana@example.com;03/04/2021 10:00;1;A1;Lyon",
        "cleo@example.com;04/04/2021;2;A2;Lyon",
        head="E-mail;Order date;Total;Order number;Shop",
    )
    file = SimpleUploadedFile("orders.csv", data.encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    with scope(acme):
        done = ContactImport.objects.get()
        assert done.mapping == [*MAPPING, ""] and not done.to_make["fields"]
    page = client.get(address).content.decode()
    assert "What happened?" in page and "Property" in page
    posted = {f"column_{n}": meaning for n, meaning in enumerate([*MAPPING, "event_property"])}
    refused = client.post(f"{address}forecast/new/", posted).content.decode()
    assert "Enter what happened, or select" in refused and "Enter the currency of the amounts" in refused
    assert (
        "Select the column that says when"
        in client.post(f"{address}forecast/new/", {"column_0": "email"}).content.decode()
    )
    refused = client.post(f"{address}forecast/new/", posted | {"event_name": "signed_up", "event_currency": "EUX"})
    assert "reserved" in refused.content.decode() and "unknown" in refused.content.decode()
    client.post(
        f"{address}forecast/new/", posted | {"event_name": "Order", "event_currency": "eur", "date_1": "day_first"}
    )
    run_jobs()
    page = client.get(address).content.decode()
    assert "No contact has this e-mail address" in page
    client.post(f"{address}start/")
    run_jobs()
    assert events(acme) == [("ana@example.com", "Order", Decimal(1), "EUR")]
    with scope(acme):
        event = ContactEvent.objects.get()
        assert event.at == dt.datetime(2021, 4, 3, 10, tzinfo=acme.zone) and event.properties == {"Shop": "Lyon"}
        Contact.objects.create(email="cleo@example.com")
    rejected = client.get(f"{address}rejected.csv").getvalue()
    assert [row[3] for row in csv.reader(io.StringIO(rejected.decode("utf-8-sig")), delimiter=";")][1:] == [
        "04/04/2021"
    ] or b"04/04/2021" in rejected
    client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile("again.csv", rejected)})
    run_jobs()
    with scope(acme):
        again = ContactImport.objects.latest("pk")
        assert (again.target, again.event) == ("events", {"name": "Order", "currency": "EUR"})
    client.post(f"/w/acme/contacts/imports/{again.pk}/start/")
    run_jobs()
    assert len(events(acme)) == 2


def test_the_next_file_with_these_columns_starts_with_the_same_answers(acme, people):
    import_orders(acme, "ana@example.com;2021-03-01;1;A1", name="orders-2021-03.csv")
    with scope(acme):
        data = order_file("ana@example.com;2021-03-05;1;A9").encode()
        for name, event in (("orders-2021-04 (1).csv", EVENT), ("refunds-2021-04.csv", {"currency": "EUR"})):
            assert uploading.upload(SimpleUploadedFile(name, data), None, target="events").event == event


def reading(**options) -> EventReading:
    conventions = {"day_first": True, "decimal_comma": True} | options
    return event_reading.load(["event_time", "event_value"], [], {"currency": "EUR"}, PARIS, conventions, [])


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2021-03-01", "2021-03-01T00:00+01:00"),
        ("01/03/2021 14:03", "2021-03-01T14:03+01:00"),
        ("1.3.2021 9:05:59.123", "2021-03-01T09:05:59+01:00"),
        ("01/03/2021 2:03 PM", "2021-03-01T14:03+01:00"),
        ("01/03/2021 12:00 a.m.", "2021-03-01T00:00+01:00"),
        ("2021-03-01T14:03:22Z", "2021-03-01T14:03:22+00:00"),
        ("2021-03-01 14:03:22 -0500", "2021-03-01T14:03:22-05:00"),
        ("2021-03-01T14:03:22.123456+05:30", "2021-03-01T14:03:22+05:30"),
        ("2021-03-01 14:03 UTC", "2021-03-01T14:03+00:00"),
        ("1 mars 2021, 14h03", "2021-03-01T14:03+01:00"),
        ("2021-07-01", "2021-07-01T00:00+02:00"),
        ("1 mars 2021 à 14h03", "2021-03-01T14:03+01:00"),
        ("March 1, 2021 at 2:03 PM", "2021-03-01T14:03+01:00"),
        ("lundi 1 mars 2021", "2021-03-01T00:00+01:00"),
        ("Mercredi 3 mars 2021 à 14h03", "2021-03-03T14:03+01:00"),
        ("dim. 7 mars 2021", "2021-03-07T00:00+01:00"),
        ("mardi 2 mars 2021", "2021-03-02T00:00+01:00"),
        ("mar. 2 mars 2021", "2021-03-02T00:00+01:00"),
        ("Mon, 1 Mar 2021 14:03:22 -0500", "2021-03-01T14:03:22-05:00"),
        ("Wednesday, March 3, 2021", "2021-03-03T00:00+01:00"),
        ("2021-07-01 14:03 CEST", "2021-07-01T14:03+02:00"),
        ("2021-03-01 14:03 CET", "2021-03-01T14:03+01:00"),
        ("2021-03-01 24:00", "2021-03-02T00:00+01:00"),
        ("20210301", "2021-03-01T00:00+01:00"),
        ("20210301T14:03:22Z", "2021-03-01T14:03:22+00:00"),
        ("20210301 14:03", "2021-03-01T14:03+01:00"),
        ("mars 1, 2021", "2021-03-01T00:00+01:00"),
        ("Mar 1, 2021", "2021-03-01T00:00+01:00"),
        ("1614607402", "2021-03-01T14:03:22+00:00"),
        ("1614607402123", "2021-03-01T14:03:22+00:00"),
    ],
)
def test_times_are_read_as_programs_and_people_write_them(text, moment):
    assert reading().time(text) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2021-13-01",
        "25:00",
        "2021-03-01 25:00",
        "2021-03-01 13:00 pm",
        "2021-03-01 24:01",
        "2021-03-01 24:00 pm",
        "20211301",
        "31122021",
        "2021-03-01 14:03 CST",
        "lundi",
        "9999-12-31 24:00",
        "2021-03-01 13:00:60",
        "2021-03-01 13:00:99",
        "1 + 1",
        "0000-00-00",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(limits.BadEvent, match="event_time"):
        reading().time(text)


@pytest.mark.parametrize(
    "text, currency, read",
    [
        ("1 234,50 €", "", ("1234.5", "EUR")),
        ("£12", "", ("12", "GBP")),
        ("USD 12,5", "", ("12.5", "USD")),
        ("12,5 usd", "CHF", ("12.5", "CHF")),
        ("$5", "", ("5", "EUR")),
        ("-3", "", ("-3", "EUR")),
        ("-£12.50", "", ("-12.5", "GBP")),
        ("£ -12.50", "", ("-12.5", "GBP")),
        ("\u2212USD 12,5", "", ("-12.5", "USD")),
        ("-12,5 usd", "", ("-12.5", "USD")),
        ("", "", (None, "")),
        ("(12.00)", "", ("-12", "EUR")),
        ("($28.00)", "USD", ("-28", "USD")),
        ("(£28.00)", "", ("-28", "GBP")),
        ("£(28.00)", "", ("-28", "GBP")),
        ("(12,00 €)", "CHF", ("-12", "CHF")),
        ("12-", "", ("-12", "EUR")),
        ("(12 USD)", "", ("-12", "USD")),
        ("USD (12)", "", ("-12", "USD")),
        ("12,50 €-", "", ("-12.5", "EUR")),
        ("12,50- €", "", ("-12.5", "EUR")),
        ("-$12", "", ("-12", "EUR")),
        ("12", "€", ("12", "EUR")),
        ("12", " £ ", ("12", "GBP")),
        ("12", "EURO", ("12", "EUR")),
        ("12", "euros", ("12", "EUR")),
        ("12", "ZŁ", ("12", "PLN")),
    ],
)
def test_amounts_are_read_with_their_currency(text, currency, read):
    amount, code = reading().value(text, currency)
    assert (None if amount is None else Decimal(read[0]) == amount and read[0], code) == read


@pytest.mark.parametrize(
    "text, currency, reason",
    [
        ("12", "$", "event_currency"),
        ("12", "kr", "event_currency"),
        ("(-12)", "", "event_value"),
        ("-12-", "", "event_value"),
        ("()", "", "event_value"),
        ("5-12", "", "event_value"),
        ("12-5", "", "event_value"),
    ],
)
def test_amounts_that_can_be_read_in_two_ways_are_refused(text, currency, reason):
    with pytest.raises(limits.BadEvent, match=reason):
        reading().value(text, currency)


@given(st.text(max_size=60), st.text(max_size=60))
def test_odd_cells_are_read_or_refused(time, amount):
    how = reading()
    for read in (lambda: how.time(time), lambda: how.value(amount, "")):
        with contextlib.suppress(limits.BadEvent):  # and nothing else
            read()


@given(
    st.datetimes(min_value=dt.datetime(2020, 6, 1), max_value=dt.datetime(2021, 6, 1)),
    st.decimals(-9999, 9999, places=2),
)
def test_what_was_written_is_what_is_read(moment, amount):
    how = reading(decimal_comma=False)
    aware = moment.replace(microsecond=0, tzinfo=dt.UTC)
    assert how.time(aware.isoformat()) == aware
    assert how.value(f"{amount} EUR")[0] == amount
    assert values.reader("number", decimal_comma=False)(str(amount)) == float(amount)


PRESTASHOP = (
    '"ID";"Référence";"Nouveau client";"Livraison";"Client";"Total";"Paiement";"État";"Date"\n'
    '"12";"XKBKNABJK";"1";"France";"Z. Martin";"49,90 €";"Carte";"Livré";"2021-03-01 10:00:00"\n'
)


@pytest.mark.parametrize(
    "data",
    [
        PRESTASHOP,
        "Id;Created at;Total\n12;2021-03-01;1\n",
        "id;Amount;Created\nch_1;1;2021-03-01\n",
        "external id;Date;Total\n12;2021-03-01;1\n",
        "record_id;Date;Total\n12;2021-03-01;1\n",
        "id externe;Date;Total\n12;2021-03-01;1\n",
    ],
)
def test_the_number_of_an_order_is_not_proposed_as_the_one_of_a_customer(acme, data):
    with scope(acme):
        done = uploading.upload(SimpleUploadedFile("orders.csv", data.encode()), None, target="events")
    assert "external_id" not in done.mapping


def test_a_customers_number_is_proposed_by_a_name_that_says_so(acme):
    with scope(acme):
        file = SimpleUploadedFile("orders.csv", b"id;customer_id;Date;Total\n1;12;2021-03-01;1\n")
        assert uploading.upload(file, None, target="events").mapping == [
            "event_number",
            "external_id",
            "event_time",
            "event_value",
        ]


def test_the_pages_of_an_import_of_events_speak_of_events(acme, people, bob, as_user):
    client = as_user(bob)
    page = client.get("/w/acme/contacts/imports/new/?target=events").content.decode()
    assert "Import events" in page and "one event per row" in page and "one contact or company" not in page
    assert "one contact or company" in client.get("/w/acme/contacts/imports/new/").content.decode()
    done = import_file(
        acme,
        order_file(";;2021-03-01", "K1;;2021-03-01", head="no;mail;when"),
        ["external_id", "email", "event_time"],
        target="events",
        event=EVENT,
    )
    page = client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "No e-mail address or customer number" in page and "View events" in page
    assert '/w/acme/contacts/events/"' in page and "View contacts" not in page


def test_the_name_of_the_event_is_optional_only_beside_a_column_that_says_it(acme, bob, as_user):
    client = as_user(bob)
    for head, is_optional in (("E-mail;Date;Total", False), ("E-mail;Date;Event;Total;Currency", True)):
        file = SimpleUploadedFile("orders.csv", order_file(";".join("x" * (head.count(";") + 1)), head=head).encode())
        address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
        page = client.get(address).content.decode()
        labels = [page.split(f'for="id_event_{name}"')[1].split("</label>")[0] for name in ("name", "currency")]
        assert ["optional" in label for label in labels] == [is_optional] * 2


def test_a_file_of_events_without_people_is_refused_with_what_to_do(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("orders.csv", PRESTASHOP.encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    posted = {"column_5": "event_value", "column_8": "event_time", "event_name": "Order", "event_currency": "EUR"}
    page = client.post(f"{address}forecast/new/", posted).content.decode()
    assert "No column says who each event is about." in page and "phone number" not in page


def names(workspace) -> list[str]:
    with scope(workspace):
        return sorted(EventName.objects.values_list("name", flat=True))


def test_a_wrong_column_costs_no_names_once_it_is_undone(acme, beta, people, bob, as_user, run_jobs):
    """What something else uses stays: an event of another import, a segment."""
    with scope(beta):
        Contact.objects.create(email="ana@example.com")
    head, mapping = "mail;when;what", ["email", "event_time", "event_name"]
    row = "ana@example.com;2021-03-01;{}"
    own = {"target": "events", "event": {}}
    import_file(beta, order_file(row.format("Visit 1"), head=head), mapping, **own)
    import_file(acme, order_file(row.format("Visit 1"), head=head), mapping, **own)
    rows = [row.format(f"visit {n}") for n in range(1, 40)]
    done = import_file(acme, order_file(*rows, "ana@example.com;2021-03-02;visit 1", head=head), mapping, **own)
    rule = {"on": "last_event:visit 7", "is": "recorded", "with": {}}
    with scope(acme):
        Segment.objects.create(
            name="Visitors", definition={"version": 1, "match": "all", "rules": [{"match": "any", "rules": [rule]}]}
        )
    client = as_user(bob)
    client.post(f"/w/acme/contacts/imports/{done.pk}/undo/")
    run_jobs()
    assert names(acme) == ["Visit 1", "visit 7"] and names(beta) == ["Visit 1"]
    page = client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "37 names of events were deleted" in page


def test_a_name_without_events_can_be_deleted_where_no_segment_uses_it(acme, people, bob, rita, as_user):
    import_orders(acme, "ana@example.com;2021-03-01;1;1")
    rule = {"on": "event:Used", "is": "ever", "with": {}}
    with scope(acme):
        ids = {
            one.name: one.pk
            for one in [EventName.objects.create(name=name) for name in ("Used", "Unused", "signed_up")]
        }
        ids["Order"] = EventName.objects.get(name="Order").pk
        Segment.objects.create(name="Buyers", definition={"version": 1, "match": "all", "rules": [rule]})
    client = as_user(bob)
    page = client.get("/w/acme/contacts/events/").content.decode()
    assert [f"events/{pk}/delete/" in page for pk in ids.values()] == [True, True, False, False]
    assert as_user(rita).post(f"/w/acme/contacts/events/{ids['Unused']}/delete/").status_code == 403
    client = as_user(bob)
    for pk in ids.values():
        client.post(f"/w/acme/contacts/events/{pk}/delete/")
    assert names(acme) == ["Order", "Used", "signed_up"]
    assert "can&#x27;t be deleted: a segment uses it" in client.get("/w/acme/contacts/events/").content.decode()


@pytest.mark.parametrize("number, warned", [(120, "120"), (3, "")])
def test_the_check_warns_of_a_column_with_too_many_different_events(acme, people, bob, as_user, number, warned):
    rows = [f"ana@example.com;2021-03-01;visit {n % number}" for n in range(130)]
    done = prepare(
        acme,
        order_file(*rows, head="mail;when;what"),
        ["email", "event_time", "event_name"],
        target="events",
        event={},
    )
    forecast_of(acme, done)
    page = as_user(bob).get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert (f"The file has {number} different events" in page) == bool(warned)


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Id,Billing Name\n"
    "#1001,ana@example.com,paid,2021-03-02 10:00:00 +0100,fulfilled,EUR,40,5,0,45,2021-03-01 10:00:00 +0100,1,Cup,10,"
    "55,Ana\n"
    "#1001,ana@example.com,,,,,,,,,2021-03-01 10:00:00 +0100,3,Pot,10,,\n"
    "#1002,ben@example.com,pending,,,EUR,40,5,0,45,2021-03-03 10:00:00 +0100,1,Cup,10,56,Ben\n"
)


def proposed(workspace, data: str) -> dict[str, str]:
    """By meaning, the heading that is proposed for it."""
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile("orders.csv", data.encode()), None, target="events")
    return {meaning: name for name, meaning in zip(done.headings, done.mapping, strict=True) if meaning}


def test_orders_of_shopify_come_in_as_proposed(acme, people):
    """An order of several lines is one event, and an unpaid one is an order, too."""
    assert proposed(acme, SHOPIFY) == {
        "event_number": "Name",
        "email": "Email",
        "event_currency": "Currency",
        "event_value": "Total",
        "event_time": "Created at",
        "event_status": "Financial Status",
    }
    with scope(acme):
        mapping = ContactImport.objects.latest("pk").mapping
    done = import_file(acme, SHOPIFY, mapping, target="events", event={"name": "Order"})
    assert counts(done) == {"created": 2, "merged": 1}
    with scope(acme):
        first = ContactEvent.objects.earliest("at")
    assert (first.value, first.currency, first.at.day) == (45, "EUR", 1)


@pytest.mark.parametrize(
    "heading, number",
    [
        ("id,Description,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer Email", "id"),
        ("id,Created (UTC),Amount,Currency,Customer Email", "id"),
        ("Date,Time,Gross Sales,Net Sales,Total Collected,Transaction ID,Customer ID", "Transaction ID"),
        ("id_order,reference,id_customer,total_paid_tax_incl,date_add,email", "id_order"),
        ("N° commande,Date,Total TTC,E-mail", "N° commande"),
        ("Date,Order #,Status,Customer,N. Revenue,Email", "Order #"),
        ("id,Order number,Date,Total,Email", "Order number"),
        ("Name,Email,Date,Total", ""),
    ],
)
def test_the_number_of_an_order_is_found_by_the_best_name(acme, heading, number):
    found = proposed(acme, f"{heading}\n{'x,' * heading.count(',')}x\n")
    assert found.get("event_number", "") == number


@pytest.mark.parametrize(
    "heading, time, value",
    [
        ("id,Created date (UTC),Amount,Amount Refunded,Currency", "Created date (UTC)", "Amount"),
        ("id,Created (UTC),Amount,Currency", "Created (UTC)", "Amount"),
        ("Date,Time,Gross Sales,Net Sales,Total Collected", "Date", "Total Collected"),
        ("Date,Time,Gross Sales", "Date", "Gross Sales"),
        ("id_order,total_paid_tax_incl,date_add", "date_add", "total_paid_tax_incl"),
        ("Date,N. Revenue", "Date", "N. Revenue"),
        ("Paid at,Price,Created at,Total", "Created at", "Total"),
        ("Paid at,Price", "Paid at", "Price"),
    ],
)
def test_times_and_amounts_of_shops_are_found_by_the_best_name(acme, heading, time, value):
    found = proposed(acme, f"{heading}\n{'x,' * heading.count(',')}x\n")
    assert (found["event_time"], found["event_value"]) == (time, value)


@pytest.mark.parametrize(
    "heading, hour",
    [
        ("Created (UTC)", 22),
        ("Created date (UTC)", 22),
        ("date_created_gmt", 22),
        ("Created", 20),
        ("Created (GMT+2)", 20),
        ("Created (UTC-05:00)", 20),
        ("Outcome", 20),
    ],
)
def test_times_are_utc_where_the_name_of_the_column_says_so(acme, people, heading, hour):
    """Paris is two hours ahead in July."""
    rows = ["ana@example.com;2021-07-01 22:30", "ana@example.com;2021-07-02T22:30+00:00"]
    import_file(
        acme,
        order_file(*rows, head=f"mail;{heading}"),
        ["email", "event_time"],
        target="events",
        event={"name": "Order"},
    )
    with scope(acme):
        times = list(ContactEvent.objects.order_by("at").values_list("at", flat=True))
    assert [at.astimezone(dt.UTC).hour for at in times] == [hour, 22]


def test_columns_of_the_same_name_are_properties_of_their_own(acme, people):
    long = "x" * 70
    data = order_file("ana@example.com;2021-03-01;a;b;c;d;e", head=f"mail;when;Size;Size;Shop;{long};{long}")
    mapping = ["email", "event_time", *["event_property"] * 5]
    import_file(acme, data, mapping, target="events", event=EVENT)
    with scope(acme):
        found = ContactEvent.objects.get().properties
    assert found == {"Size": "a", "Size (4)": "b", "Shop": "c", "x" * 60: "d", "x" * 56 + " (7)": "e"}


@pytest.mark.parametrize("name", ["Signed up through a form", "inscription par un formulaire", "SIGNED_UP"])
def test_no_event_of_a_file_looks_like_one_that_fanfare_records(name):
    with pytest.raises(limits.BadEvent, match="event_name_taken"):
        limits.name(name)


@pytest.mark.parametrize(
    "heading, status, is_order",
    [
        ("Status", "Failed", False),
        ("Status", "Paid", True),
        ("Status", "Refunded", False),
        ("Financial Status", "voided", False),
        ("Financial Status", "partially_refunded", True),
        ("Financial Status", "pending", True),
        ("status", "wc-cancelled", False),
        ("État", "Annulé", False),
        ("État", "Remboursé", False),
        ("État", "Livré", True),
        ("État", "", True),
    ],
)
def test_orders_that_came_to_nothing_are_held_out_and_counted(acme, people, heading, status, is_order):
    data = f"Email,Date,{heading}\nana@example.com,2021-03-01,{status}\n"
    assert proposed(acme, f"{data},,x\n") == {"email": "Email", "event_time": "Date", "event_status": heading}
    done = prepare(acme, data, ["email", "event_time", "event_status"], target="events", event=EVENT)
    told = forecast_of(acme, done)
    assert told["reasons"] == ({} if is_order else {"event_status": 1})
    assert counts(finish(acme, done)) == ({"created": 1} if is_order else {"rejected": 1})


def test_columns_of_a_shop_that_are_left_out_are_folded_away(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("orders.csv", SHOPIFY.encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    page = client.get(address).content.decode()
    shown, folded = page.split('<details class="columns-empty">')
    assert "10 columns are left out" in folded and "Lineitem name" in folded and "Lineitem name" not in shown
    assert 'id="id_column_9"' in shown
