"""A file of events on the pages: words, warnings, names that nothing uses."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.models import Contact, ContactEvent, ContactImport, EventName, Segment
from kernel.tenancy import scope
from tests.contacts.imports.events.orders import EVENT, MAPPING, PRESTASHOP, SHOPIFY, events, import_orders, order_file
from tests.contacts.imports.running import forecast_of, import_file, prepare

PARIS = ZoneInfo("Europe/Paris")


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


def test_a_question_about_the_events_is_optional_only_where_a_column_answers_it_or_nothing_asks(acme, bob, as_user):
    """Without amounts, nothing asks for their currency."""
    client = as_user(bob)
    heads = {
        "E-mail;Date;Total": [False, False],
        "E-mail;Date;Event;Total;Currency": [True, True],
        "E-mail;Date": [False, True],
    }
    for head, are_optional in heads.items():
        file = SimpleUploadedFile("orders.csv", order_file(";".join("x" * (head.count(";") + 1)), head=head).encode())
        address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
        page = client.get(address).content.decode()
        labels = [page.split(f'for="id_event_{name}"')[1].split("</label>")[0] for name in ("name", "currency")]
        assert ["optional" in label for label in labels] == are_optional


@pytest.mark.parametrize(
    "head, language, name",
    [
        ("Email,Date,Order ID", "fr", "Commande"),
        ("Email,Date,Order ID", "en", "Order"),
        ("Email,Date,Shop", "fr", ""),
        ("Email,Date,Order ID,Event", "fr", ""),
    ],
)
def test_rows_with_an_order_number_are_proposed_as_orders(acme, bob, as_user, head, language, name):
    """In the workspace's language, whoever imports: else a segment of orders would miss half of them."""
    acme.language = language
    acme.save()
    client = as_user(bob)
    file = SimpleUploadedFile("orders.csv", f"{head}\nana@example.com,2021-03-01,1,Visit\n".encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    assert (client.get(address).context["form"]["event_name"].value() or "") == name


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
    page = client.get("/w/acme/contacts/events/").content.decode()
    assert "can&#x27;t be deleted: a segment uses it" in page and page.count("Event deleted.") == 1


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


def test_columns_of_a_shop_that_are_left_out_are_folded_away(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("orders.csv", SHOPIFY.encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    page = client.get(address).content.decode()
    shown, folded = page.split('<details class="columns-empty">')
    assert "10 columns are left out" in folded and "Lineitem name" in folded and "Lineitem name" not in shown
    assert 'id="id_column_9"' in shown


@pytest.mark.parametrize(
    "amount, currency, refused",
    [("$12.00", "EUR", True), ("$12.00", "USD", False), ("US$12", "EUR", False), ("12 €", "EUR", False)],
)
def test_amounts_in_dollars_are_not_taken_for_euros(acme, people, bob, as_user, amount, currency, refused):
    client = as_user(bob)
    file = SimpleUploadedFile("orders.csv", f"Email,Date,Total\nana@example.com,2021-03-01,{amount}\n".encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    posted = {"column_0": "email", "column_1": "event_time", "column_2": "event_value"}
    answer = client.post(f"{address}forecast/new/", posted | {"event_name": "Order", "event_currency": currency})
    assert ("Enter which dollar it is" in answer.content.decode()) == refused


@pytest.mark.parametrize("amounts, code", [("12 €,£3", ""), ("12 €,3 €", "EUR"), ("$12,$3", ""), ("US$12,US$3", "USD")])
def test_the_currency_whose_sign_stands_in_all_amounts_is_proposed(acme, people, bob, as_user, amounts, code):
    client = as_user(bob)
    rows = [f"ana@example.com,2021-03-01,{amount}" for amount in amounts.split(",")]
    file = SimpleUploadedFile("orders.csv", "\n".join(["Email,Date,Total", *rows, ""]).encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    form = client.get(address).context["form"]
    assert (form["event_currency"].value() or "") == code


@pytest.mark.parametrize(
    "days, country, is_asked",
    [
        (["03/04/2021", "05/06/2021"], "FR", True),
        (["03/04/2021", "05/06/2021"], "US", True),
        (["03/04/2021 10:00", "03/13/2021 10:00"], "FR", False),
        (["03/04/2021", "13/04/2021"], "US", False),
        (["2021-03-04"], "FR", False),
    ],
)
def test_days_that_may_be_months_are_asked_about_where_the_file_does_not_say(
    acme, people, bob, as_user, run_jobs, days, country, is_asked
):
    acme.country = country
    acme.save()
    client = as_user(bob)
    rows = [f"ana@example.com,{day}" for day in days]
    file = SimpleUploadedFile("orders.csv", "\n".join(["Email,Date", *rows, ""]).encode())
    address = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "events"})["Location"]
    form = client.get(address).context["form"]
    shown = {"date_1": form["date_1"].value() or ""} if "date_1" in form.fields else {}
    assert (shown.get("date_1") == "") == is_asked
    posted = {"column_0": "email", "column_1": "event_time", "event_name": "Order"}
    answer = client.post(f"{address}forecast/new/", posted | shown)
    assert ("Choose how to read this column." in answer.content.decode()) == is_asked
    client.post(f"{address}forecast/new/", posted | {"date_1": "month_first"} | (shown if not is_asked else {}))
    run_jobs()
    client.post(f"{address}start/")
    run_jobs()
    again = client.post(
        "/w/acme/contacts/imports/new/",
        {
            "file": SimpleUploadedFile("more.csv", f"Email,Date\nana@example.com,{days[0]}\n".encode()),
            "target": "events",
        },
    )["Location"]
    form = client.get(again).context["form"]
    assert "date_1" not in form.fields or form["date_1"].value()


@pytest.mark.parametrize("meaning", ["", "event_value", "event_item_value"])
def test_the_check_says_that_no_column_is_the_amount(acme, people, bob, as_user, meaning):
    mapping = ["email", "event_time", "event_number", meaning]
    data = "mail,when,number,sum\nana@example.com,2021-03-01,1,45\n"
    done = prepare(acme, data, mapping, target="events", event=EVENT)
    forecast_of(acme, done)
    page = as_user(bob).get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert ("No column is the amount" in page) == (not meaning)
