"""Files of orders as shops export them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import event_headings, prefetch, uploading
from contacts.models import ContactEvent, ContactImport
from kernel.tenancy import scope
from tests.contacts.imports.events import shops
from tests.contacts.imports.events.orders import EVENT, events
from tests.contacts.imports.running import counts, finish, forecast_of, import_file, prepare


def proposed(workspace, data: str) -> dict[str, str]:
    """By meaning, the heading that is proposed for it."""
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile("orders.csv", data.encode()), None, target="events")
    return {meaning: name for name, meaning in zip(done.headings, done.mapping, strict=True) if meaning}


@pytest.mark.parametrize("shop", shops.FILES)
def test_who_when_and_how_much_are_proposed_for_each_shop(acme, shop):
    data, columns = shops.FILES[shop]
    found = proposed(acme, data)
    amount = found.get("event_value") or found.get("event_item_value")
    assert (found.get("event_time"), amount, found.get("event_number")) == columns
    assert found["email"] in shops.ADDRESSES


@pytest.mark.parametrize("shop", shops.FILES)
def test_the_currency_of_each_shop_is_proposed_where_its_file_has_one(acme, shop):
    data, _columns = shops.FILES[shop]
    head = data.split("\n", 1)[0].lower()
    says = any(word in head for word in ("currency", "devise", "währung", "iso_code"))
    assert ("event_currency" in proposed(acme, data)) == says


def test_the_status_of_an_order_is_found_under_the_names_of_shops(acme):
    for name in ("order_state", "Zahlungsstatus", "État du paiement"):
        assert proposed(acme, f"Email,Date,{name}\nana@example.com,2021-03-01,x\n")["event_status"] == name


def import_as_proposed(workspace, data: str) -> ContactImport:
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile("orders.csv", data.encode()), None, target="events")
    return import_file(workspace, data, done.mapping, target="events", event=EVENT, reading=done.reading)


@pytest.mark.parametrize("shop", shops.FILES)
def test_the_order_of_each_shop_comes_in_once_with_its_time_and_amount(acme, people, shop):
    """Its other lines are the same order, and so is the same file again."""
    data, _columns = shops.FILES[shop]
    done = import_as_proposed(acme, data)
    assert (done.created, done.rejected) == (1, 0)
    assert import_as_proposed(acme, data).created == 0
    with scope(acme):
        assert ContactEvent.objects.get().at == dt.datetime.fromisoformat(shops.MOMENTS[shop])
    assert events(acme) == [("ana@example.com", "Order", 45, "EUR")]


@pytest.mark.parametrize("shop", ["shopify", "squarespace"])
def test_an_order_with_a_day_of_cancellation_does_not_come_in(acme, people, shop):
    """The payment of such an order may still be called paid. Its next line has neither a status nor the day."""
    data, _columns = shops.FILES[shop]
    number, rest = data.split("\n")[1].split(",", 1)
    cancelled = rest.replace("20.00,,", "20.00,2021-03-02 09:00:00 +0100,")
    line = f"{number},ana@example.com,,,,,,,,,,2021-03-01 10:15:00 +0100,1,Pot,5.00,,,\n"
    done = import_as_proposed(acme, f"{data}X{number},{cancelled}\nX{line}")
    assert counts(done) == {"created": 1, "rejected": 2}


@pytest.mark.parametrize(
    "cell, is_order",
    [
        ("", True),
        ("0000-00-00 00:00:00", True),
        ("no", True),
        ("false", True),
        ("-", True),
        ("2021-03-02", False),
        ("yes", False),
        ("1614607402", False),
    ],
)
def test_a_day_of_cancellation_of_zeros_or_a_no_is_none(acme, people, cell, is_order):
    import_as_proposed(acme, f"Email,Date,Cancelled at\nana@example.com,2021-03-01,{cell}\n")
    assert len(events(acme)) == is_order


@pytest.mark.parametrize(
    "status",
    [
        "incomplete",
        "requires_payment_method",
        "requires_action",
        "Paiement refusé",
        "Payment declined",
        "wc-pending",
        "Commande annulée",
        "Cancelled by customer",
        "Fully refunded",
        "Denied",
        "Reversed",
        "Erreur de paiement",
        "Échec du paiement",
        "Abgelehnt",
        "Annulée et remboursée",
        "PAYMENT_FAILED",
    ],
)
def test_what_shops_call_an_order_that_came_to_nothing(status):
    assert event_headings.came_to_nothing(status, [])


@pytest.mark.parametrize(
    "status",
    [
        "",
        "pending",
        "Closed",
        "Partially refunded",
        "partially_refunded",
        "Partiellement remboursé",
        "Refund declined",
        "Remboursement refusé",
        "Awaiting payment",
        "En attente de virement bancaire",
        "Canceled Reversal",
        "Payment",
        "On hold",
        "Cancellation requested",
        "unpaid",
        "2",
        "Paiement accepté",
    ],
)
def test_an_order_that_waits_or_of_which_a_part_was_refunded_is_one(status):
    assert not event_headings.came_to_nothing(status, ["Receipt Number", "Total"])


def test_closed_says_that_an_order_of_magento_was_refunded():
    assert event_headings.came_to_nothing("Closed", ["ID", "Grand Total (Base)"])


@pytest.mark.parametrize(
    "number, email, is_ours",
    [
        ("7", "ana@example.com", False),  # nobody's
        ("K1", "ana@example.com", True),
        ("K1", "ben@example.com", False),  # the shop's K1 is another person
        ("", "ana@example.com", False),
    ],
)
def test_a_shops_own_customer_number_is_left_out_beside_the_address(acme, people, number, email, is_ours):
    """A contact with another number would not get the order."""
    data = f"Order ID,Customer ID,Email,Date\n1,{number},{email},2021-03-01\n"
    assert ("external_id" in proposed(acme, data)) == is_ours
    assert import_as_proposed(acme, data).created == 1


@pytest.mark.parametrize(
    "day, clock, moment",
    [
        ("2021-03-01 10:15", "9:00", "2021-03-01T10:15:00+01:00"),
        ("2021-03-01 00:00:00", "9:00", "2021-03-01T09:00:00+01:00"),
        ("2021-03-01", "", "2021-03-01T00:00:00+01:00"),
        ("1614607402", "9:00", "2021-03-01T14:03:22+00:00"),
    ],
)
def test_a_time_of_day_is_for_a_day_without_one(acme, people, day, clock, moment):
    mapping = ["email", "event_time", "event_clock"]
    import_file(acme, f"a,b,c\nana@example.com,{day},{clock}\n", mapping, target="events", event=EVENT)
    with scope(acme):
        assert ContactEvent.objects.get().at == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "zone, moment",
    [
        ("PDT", "2021-07-01T10:15:00-07:00"),
        ("CEST", "2021-07-01T10:15:00+02:00"),
        ("America/Los_Angeles", "2021-07-01T10:15:00-07:00"),
        ("Eastern Time (US & Canada)", "2021-07-01T10:15:00-04:00"),
        ("London", "2021-07-01T10:15:00+01:00"),
        ("GMT-03:00", "2021-07-01T10:15:00-03:00"),
        ("", "2021-07-01T10:15:00+02:00"),
    ],
)
def test_the_zone_of_times_stands_in_a_column_of_its_own(acme, people, zone, moment):
    """As PayPal and Square write it. The workspace is in Paris."""
    row = f"ana@example.com,2021-07-01,10:15,{zone}\n"
    data = f"Email,Date,Time,Time Zone\n{row}ben@example.com,2021-07-01 10:15 +0100,,UTC\n"
    import_as_proposed(acme, data)
    with scope(acme):
        found = {event.at for event in ContactEvent.objects.all()}
    assert found == {dt.datetime.fromisoformat(moment), dt.datetime.fromisoformat("2021-07-01T10:15:00+01:00")}


def test_zones_that_are_not_known_are_not_guessed(acme, people):
    """They aren't proposed; chosen all the same, their rows are refused: hours off, an order may be of another day."""
    data = "Email,Date,Time Zone\nana@example.com,2021-07-01 10:15,Here\n"
    assert "event_zone" not in proposed(acme, data)
    done = import_file(acme, data, ["email", "event_time", "event_zone"], target="events", event=EVENT)
    assert counts(done) == {"rejected": 1}


def test_the_account_of_the_seller_is_not_the_customer(acme):
    assert "email" not in proposed(acme, shops.SUMUP_TRANSACTIONS)


def test_the_hours_of_a_delivery_are_no_time_of_day(acme):
    found = proposed(acme, "Email,Date,Time\nana@example.com,2021-03-01,9:00-11:00\n")
    assert found == {"email": "Email", "event_time": "Date"}


@pytest.mark.parametrize("chunk", [1, 5000])
def test_the_items_of_an_order_are_one_order_with_their_sum(acme, people, monkeypatch, chunk):
    """Also where a chunk begins between them; and the same file again adds nothing."""
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    assert proposed(acme, shops.ETSY_ITEMS) == {
        "event_time": "Sale Date",
        "event_quantity": "Quantity",
        "event_item_value": "Price",
        "event_currency": "Currency",
        "event_number": "Order ID",
        "email": "Buyer Email",
    }
    for expected in ({"created": 2, "merged": 1}, {"skipped": 2, "merged": 1}):
        done = import_as_proposed(acme, shops.ETSY_ITEMS)
        assert chunk == 1 or counts(done) == expected
        assert [(email, value) for email, _name, value, _currency in events(acme)] == [
            ("ana@example.com", 45),
            ("ben@example.com", 5),
        ]


def test_items_in_another_currency_are_not_added(acme, people):
    mapping = ["email", "event_time", "event_number", "event_item_value", "event_currency"]
    data = "a,b,c,d,e\n" + "".join(f"ana@example.com,2021-03-01,1,5,{code}\n" for code in ("EUR", "USD", "EUR"))
    done = import_file(acme, data, mapping, target="events", event=EVENT)
    assert counts(done) == {"created": 1, "merged": 1, "rejected": 1} and events(acme)[0][2] == 10


@pytest.mark.parametrize("amounts, noted", [(["45", "45"], 0), (["45", ""], 0), (["", "45"], 0), (["45", "5"], 1)])
def test_an_amount_that_repeats_is_the_total_of_the_order(acme, people, amounts, noted):
    """Of two different ones the first is kept, and a note says so."""
    mapping = ["email", "event_time", "event_number", "event_value"]
    data = "a,b,c,d\n" + "".join(f"ana@example.com,2021-03-01,1,{amount}\n" for amount in amounts)
    done = prepare(acme, data, mapping, target="events", event=EVENT)
    assert forecast_of(acme, done)["counts"].get("noted", 0) == noted
    assert counts(finish(acme, done)) == {"created": 1, "merged": 1} and events(acme)[0][2] == 45


@pytest.mark.parametrize(
    "rows, value",
    [
        (["1,", "1,5", "1,7"], [12]),
        ([",5", ",5"], [5]),
        (["1,9999999999", "1,9999999999"] * 60, [Decimal("999999999900")]),
    ],
)
def test_sums_of_items_begin_with_the_first_amount_and_stay_storable(acme, people, rows, value):
    """Without a number, identical rows are one event as ever."""
    mapping = ["email", "event_time", "event_number", "event_item_value"]
    data = "a,b,c,d\n" + "".join(f"ana@example.com,2021-03-01,{row}\n" for row in rows)
    import_file(acme, data, mapping, target="events", event=EVENT)
    assert [event[2] for event in events(acme)] == value


FIRST_LINE_ONLY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name\n"
    "#1,ana@example.com,paid,EUR,45,2021-03-01,Cup\n"
    "#1,,,,,,Pot\n"
    "#1,\n"
    "#2,x@,paid,EUR,45,2021-03-01,Cup\n"
    "#2,,,,,,Pot\n"
    "#3,,,,,,Pot\n"
    "Total,,,EUR,90,,\n"
    ",,,,90,Total,\n"
    ",,,,90,2021-03-01,\n"
)


@pytest.mark.parametrize("chunk", [1, 2, 5000])
def test_the_next_lines_of_an_order_need_not_say_who_and_when(acme, people, monkeypatch, chunk):
    """They are the same order, not errors; if the order is refused, they are so for its reason. Sums are no orders."""
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    mapping = ["event_number", "email", "event_status", "event_currency", "event_value", "event_time", "event_property"]
    done = prepare(acme, FIRST_LINE_ONLY, mapping, target="events", event=EVENT)
    assert forecast_of(acme, done)["reasons"] == {"event_footer": 3, "not_valid": 2, "no_address": 1}
    assert counts(finish(acme, done)) == {"created": 1, "merged": 2, "rejected": 6}
    assert [(email, value) for email, _name, value, _currency in events(acme)] == [("ana@example.com", 45)]
