"""What the columns of shops' files of orders mean."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.contact_events import limits
from contacts.imports import event_rows, prefetch, run_settings, running, uploading
from contacts.models import ContactEvent, ContactImport
from kernel.tenancy import scope
from tests.contacts.imports.events.orders import EVENT, PRESTASHOP, SHOPIFY, events, order_file
from tests.contacts.imports.running import counts, finish, forecast_of, import_file, prepare

PARIS = ZoneInfo("Europe/Paris")


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


@pytest.mark.parametrize(
    "head, found",
    [
        ("X;X (5);X", {"X": "a", "X (5)": "b", "X (6)": "c"}),
        ("X;X (6);X;X (5)", {"X": "a", "X (6)": "b", "X (7)": "c", "X (5)": "d"}),
    ],
)
def test_the_number_of_a_column_takes_the_name_of_no_other(acme, people, head, found):
    data = order_file("ana@example.com;2021-03-01;a;b;c;d", head=f"mail;when;{head}")
    mapping = ["email", "event_time", *["event_property"] * len(found)]
    import_file(acme, data, mapping, target="events", event=EVENT)
    with scope(acme):
        assert ContactEvent.objects.get().properties == found


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


ORDERS_OF_LINES = (
    "Name,Email,Financial Status,Total,Currency,Created at\n"
    "#1,ana@example.com,refunded,45,EUR,2021-03-01\n"
    "#1,ana@example.com,,,,2021-03-01\n"
    "#2,ben@example.com,paid,45,EUR,2021-03-01\n"
    "#2,ben@example.com,,,,2021-03-01\n"
    "#1,ana@example.com,,,,2021-03-01\n"
    "#3,,voided,45,EUR,2021-03-01\n"
    "#3,ana@example.com,,,,2021-03-01\n"
    "#2,ben@example.com,cancelled,,,2021-03-01\n"
    "#2,ben@example.com,,,,2021-03-01\n"
)
COLUMNS_OF_LINES = ["event_number", "email", "event_status", "event_value", "event_currency", "event_time"]


@pytest.mark.parametrize("chunk", [1, 2, 5000])
@pytest.mark.parametrize("budget", [-1, 200])
def test_an_order_that_came_to_nothing_does_not_come_in_by_its_next_line(acme, people, monkeypatch, chunk, budget):
    """The status stands on its first line only. Also where a chunk, or a run that is continued, begins between them."""
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    done = prepare(acme, ORDERS_OF_LINES, COLUMNS_OF_LINES, target="events", event={"name": "Order"})
    assert forecast_of(acme, done)["reasons"] == {"event_status": 6, "no_address": 1}
    with scope(acme):
        running.start(done, None)
    while not running.run(acme.pk, done.pk, budget=budget):
        pass
    with scope(acme):
        done.refresh_from_db()
    assert [email for email, *_rest in events(acme)] == ["ben@example.com"]
    assert counts(done) == {"created": 1, "merged": 1, "rejected": 7}


def test_a_file_of_refunds_alone_fills_no_memory(acme, people, monkeypatch):
    """The status of the latest orders is remembered, not that of each."""
    monkeypatch.setattr(event_rows, "MAX_CAME_TO_NOTHING", 2)
    rows = [f"#{order},ana@example.com,{status},,,2021-03-01" for order in range(4) for status in ("refunded", "")]
    done = prepare(acme, "\n".join(rows), COLUMNS_OF_LINES, target="events", event={"name": "Order"})
    with scope(acme):
        reader = event_rows.RowReader(run_settings.load(done))
    assert all(reader.look_at(row.split(",")) for row in rows)
    assert len(reader._came_to_nothing) == 2
    assert [reader.look_at(row.split(",")) for row in rows[1::2]] == [False, False, True, True]
