"""What people did: recorded once, on the contact's page, followed by a merge, forgotten with the person."""

import csv
import io
import json
import re
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.utils import timezone, translation

from contacts import growth
from contacts.consent import preferences
from contacts.contact_events import currencies, listing, writing
from contacts.contact_events.writing import NewEvent, key_of
from contacts.exports import workspace_archive
from contacts.imports import undo_guards
from contacts.models import Contact, ContactEvent, EventName, Signup, SignupForm
from contacts.models.contact_event import PREFERENCES_SAVED, SIGNED_UP
from contacts.people import merging, timeline
from contacts.privacy import erasure, purging, subject_data
from contacts.signups import signing_up
from kernel import partitions
from kernel.tenancy import scope
from tests.factories import contacts
from tests.partitions import execute, parts

TABLE = partitions.TABLES["contacts_contactevent"]


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def order(contact: Contact, days: float = 1, value: str = "10", *, number=None, **more) -> NewEvent:
    """An order so many days ago; without a number one of its own."""
    number = number if number is not None else f"{contact.pk}/{days}/{value}"
    values = {"name": "Order", "value": Decimal(value), "currency": "EUR", "key": key_of("import", "Order", number)}
    return NewEvent(contact.pk, **{"at": ago(days)} | values | more)


def write(*events: NewEvent, workspace=None, **more) -> int:
    """How many of them were new, in the active scope."""
    from kernel.tenancy import require_workspace_id

    with connection.cursor() as cursor:
        return len(writing.write(cursor, require_workspace_id(), events, source="import", **more))


def test_no_workspace_sees_another_ones_events(acme, beta, alice, as_user):
    with scope(beta):
        (foreign,) = contacts(1)
        write(order(foreign, number=1, name="Foreign"))
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1))
        assert ContactEvent.objects.count() == EventName.objects.count() == 1
        assert [one.name.name for one in listing.of_workspace()] == ["Order"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM contacts_contactevent")
            assert cursor.fetchone() == (1,), "the policy of the table"
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute("SELECT count(*) FROM contacts_contactevent_first")
    assert "Foreign" not in as_user(alice).get("/w/acme/contacts/events/").content.decode()


def test_events_go_by_months_when_they_are_old(settings):
    assert TABLE is growth.TABLES[0] and isinstance(TABLE.ranges, partitions.ByMonth)
    settings.EVENT_DAYS = 17
    assert TABLE.keep_days() == 17


def test_each_month_has_a_partition(acme):
    partitions.maintain()
    with connections["owner"].cursor() as cursor:
        assert list(partitions.problems(cursor, TABLE)) == []
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, 0), order(ana, 700))
    assert execute("SELECT count(*) FROM contacts_contactevent_default") == [(0,)]
    assert len(parts(TABLE)) > 2


def test_what_is_older_than_it_is_kept_goes_also_from_the_first_partition(acme, settings):
    settings.EVENT_DAYS = 100
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, 132), order(ana, 130), order(ana, 1))
    purging.purge()
    with scope(acme):
        assert ContactEvent.objects.count() == 2
    settings.EVENT_DAYS = 0
    purging.purge()
    with scope(acme):
        assert ContactEvent.objects.count() == 2


def test_who_came_with_old_events_was_added_after_them(acme):
    with scope(acme):
        (ana,) = contacts(1)
        write(*(order(ana, days) for days in range(1, 36)))
        first = timeline.of(ana)
        second = timeline.of(ana, first.older)
    assert [event.kind for event in first.events[:2]] == ["added", "event"]
    assert [event.kind for event in second.events] == ["event"] * 6 and second.older is None


def test_the_timeline_shows_events_by_their_time_each_once(acme, alice, as_user):
    with scope(acme):
        (ana,) = contacts(1)
        # Written in an order that is not that of their times; two at the same moment.
        days = [(n * 37) % 70 + 1 for n in range(70)]
        write(*(order(ana, day, str(day)) for day in days))
        same = ago(80)
        write(*(order(ana, number=f"s{n}", value=f"9{n}", at=same) for n in range(3)))
    client, url, seen = as_user(alice), f"/w/acme/contacts/{ana.pk}/timeline/", []
    while url:
        page = client.get(url).content.decode()
        seen += [int(text) for text in re.findall(r"€(\d+)\.00", page)]
        found = re.search(r'hx-get="([^"]+)"', page)
        url = found[1] if found else None
    assert seen == [*range(1, 71), 92, 91, 90]


def test_an_odd_cursor_breaks_nothing(acme):
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana))
        for position in ({"event": 0}, {"event_at": 5}, {"event": 5, "event_at": 2**62}):
            assert timeline.of(ana, timeline._write(position)).events
        assert not timeline.of(ana, timeline._write({"event": 0, "event_at": 0, "added": 0})).events


def test_an_event_is_shown_with_its_value_and_properties(acme, alice, as_user):
    with scope(acme):
        (ana,) = contacts(1)
        nested = {"shop": "<b>Lyon</b>", "items": [1, 2], "empty": None, "long": "x" * 200}
        write(order(ana, value="1234.5", properties=nested | {f"property{n}": n for n in range(9)}))
    page = as_user(alice).get(f"/w/acme/contacts/{ana.pk}/").content.decode()
    assert "€1,234.50" in page and "Order" in page and "Import" in page
    assert "&lt;b&gt;Lyon" in page and "<b>Lyon" not in page and "[1, 2]" in page and "empty: –" in page
    assert "x" * 100 + "…" in page and "property3: 3" in page and "property4" not in page


def test_an_amount_is_written_as_the_reader_writes_it():
    with translation.override("fr"):
        assert currencies.shown(Decimal("1234.5"), "EUR").replace("\u202f", " ").replace("\xa0", " ") == "1 234,50 €"
    with translation.override("en"):
        assert currencies.shown(Decimal(-5), "JPY") == "-¥5"
    assert {"EUR", "CHF", "XOF", "USD"} <= currencies.in_use() and not {"FRF", "XXX", "DEM"} & currencies.in_use()


def test_the_page_counts_the_events_of_each_name(acme, alice, rita, as_user, monkeypatch):
    client = as_user(alice)
    assert "No events yet" in client.get("/w/acme/contacts/events/").content.decode()
    with scope(acme):
        (ana,) = contacts(1)
        write(*(order(ana, n + 1, number=n) for n in range(3)), order(ana, 0.1, number="v", name="Visit"))
        found = listing.of_workspace()
        assert [(one.name.name, one.size) for one in found] == [("Visit", (1, False)), ("Order", (3, False))]
        assert found[1].last_at == ContactEvent.objects.filter(name__name="Order").latest("at").at
    page = as_user(rita).get("/w/acme/contacts/events/").content.decode()
    assert page.index("Visit") < page.index("Order")
    assert "Segments can ask" not in page
    with scope(acme):
        write(order(ana, number=9, properties={f"p{n:03}": 1 for n in range(120)}))
    assert (
        "Segments can ask for its first 100 properties only." in client.get("/w/acme/contacts/events/").content.decode()
    )


def test_a_merge_moves_the_events_to_the_survivor(acme, alice):
    with scope(acme):
        survivor, loser = contacts(2)
        write(order(survivor, 2), order(loser, 3), order(loser, 700))
        merging.merge(*merging.locked(survivor.pk, loser.pk), set(), actor=None, address=None)
        assert set(ContactEvent.objects.values_list("contact_id", flat=True)) == {survivor.pk}
        assert write(order(loser, 700, at=ago(1))) == 0, "the same order in the next file is known"
        assert len(timeline.of(survivor).events) >= 3


def test_erasing_a_person_reaches_every_partition_and_nobody_else(acme):
    with scope(acme):
        ana, ben = contacts(2)
        for person in (ana, ben):
            write(*(order(person, days) for days in (0.1, 40, 400, 1000)))
        erasure.erase(ana)
        assert set(ContactEvent.objects.values_list("contact_id", flat=True)) == {ben.pk}
        assert ContactEvent.objects.count() == 4


def test_a_persons_data_has_the_events_of_every_partition(acme):
    with scope(acme):
        ana, ben = contacts(2)
        write(order(ana, 1), order(ana, 900, "-5", properties={"shop": "Lyon"}), order(ben, 2))
        archive = zipfile.ZipFile(io.BytesIO(subject_data.as_zip(ana)))
        rows = list(csv.DictReader(io.StringIO(archive.read("events.csv").decode("utf-8-sig"))))
        assert [Decimal(row["value"].lstrip("'")) for row in rows] == [-5, 10]
        assert "Lyon" in rows[0]["properties"] and rows[0]["event"] == "Order" and rows[0]["currency"] == "EUR"
        assert len(json.loads(archive.read("everything.json"))["events"]) == 2


def test_the_workspaces_export_has_its_events(acme, beta):
    with scope(beta):
        (foreign,) = contacts(1)
        write(order(foreign))
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, 1, "12.5", properties={"items": [1]}), order(ana, 900))
    table = workspace_archive.TABLES["events"]
    rows = [dict(zip(table.columns, row, strict=True)) for chunk in table.source(acme.pk).chunks() for row in chunk]
    assert [row["value"] for row in rows] == [10, Decimal("12.5")] and rows[1]["properties"] == {"items": [1]}
    assert {row["contact_id"] for row in rows} == {ana.pk}


def test_undoing_an_import_leaves_people_with_events(acme):
    with scope(acme):
        ana, _ben = contacts(2)
        write(order(ana))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT c.id FROM contacts_contact c WHERE {undo_guards.any_of()}")
            assert cursor.fetchall() == [(ana.pk,)]


def test_a_sign_up_is_an_event_when_it_counts(acme):
    with scope(acme):
        form = SignupForm.objects.create(name="Footer", title="F", wording="I agree", double_opt_in=True)
        signup = signing_up.sign_up(form, "ana@example.com", {}, signing_up.Visit(), doubtful=False)
        assert not ContactEvent.objects.exists(), "anybody can type somebody else's address"
        assert signing_up.confirm(signup, signing_up.Visit()) and signing_up.confirm(signup, signing_up.Visit())
        event = ContactEvent.objects.get()
        signup = Signup.objects.get()
        assert (event.name.name, event.at, event.properties) == (SIGNED_UP, signup.confirmed_at, {"form": "Footer"})
        assert event.contact_id == signup.contact_id and event.source == "product"
        with translation.override("en"):
            assert event.name.label == "Signed up through a form"


def test_saving_the_preferences_is_an_event(acme, monkeypatch):
    minute = timezone.now().replace(second=0)
    with scope(acme):
        (ana,) = contacts(1)
        link = preferences.link(ana)
    Client().get(link)
    with scope(acme):
        assert not ContactEvent.objects.exists()
    # As programs that scan messages send it.
    assert Client().post(link, {}).status_code == 200
    with scope(acme):
        assert not ContactEvent.objects.exists(), "nothing has changed"
    times = [minute + timedelta(seconds=second) for second in (10, 20, 40)]
    for now, frequency in zip(times, ("weekly", "weekly", "monthly"), strict=True):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert Client().post(link, {"frequency": frequency}).status_code == 200
    with scope(acme):
        events = ContactEvent.objects.order_by("at")
        assert {event.name.name for event in events} == {PREFERENCES_SAVED}
        assert [event.at for event in events] == [times[0], times[2]], "each change, when it was made"
