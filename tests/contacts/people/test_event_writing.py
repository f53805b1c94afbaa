"""What an event may be, and that it is written once however often it comes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.consent import ledger, preferences
from contacts.contact_events import limits, listing, writing
from contacts.contact_events.writing import NewEvent, key_of
from contacts.models import Consent, Contact, ContactEvent, EventName, SignupForm, name_key
from contacts.models.contact_event import PREFERENCES_SAVED, SIGNED_UP
from contacts.signups import signing_up
from kernel import partitions
from kernel.tenancy import scope
from tests.factories import contacts

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


def test_an_event_that_comes_again_changes_nothing(acme):
    with scope(acme):
        (ana,) = contacts(1)
        first = order(ana, 40, number=1)
        assert write(first) == 1
        assert write(first) == 0
        assert write(order(ana, 3, "99", number=1), order(ana, 40, number=2)) == 1, "in another month, too"
        assert write(order(ana, 5, number=3), order(ana, 50, number=3)) == 1, "the first of a set counts"
        assert sorted(ContactEvent.objects.values_list("value", flat=True)) == [10, 10, 10]


def test_the_same_number_in_another_source_is_another_event(acme):
    assert key_of("import", "Order", 1) != key_of("shop", "Order", 1) != key_of("shop", "Refund", 1)
    assert key_of("import", "a", "b") != key_of("import", "ab", ""), "parts are kept apart"


def test_names_are_one_however_they_are_written(acme):
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1), order(ana, number=2, name="ORDER"), order(ana, number=3, name="Ordér"))
        assert EventName.objects.count() == 1
        assert ContactEvent.objects.filter(name__name__in=["Order", "ORDER", "Ordér"]).count() == 3


@pytest.mark.parametrize("name", ["Commande réglée", "ORDER", "Cœur", "Straße", "İstanbul", "ΟΔΟΣ", "ﬁn ①", "Ǆ", "Å"])
def test_a_name_is_folded_in_python_as_in_the_database(acme, name):
    with scope(acme):
        assert EventName.objects.create(name=name).name_key == EventName.objects.get().name_key == name_key.fold(name)


def test_a_workspace_has_a_limited_number_of_names(acme, beta, monkeypatch):
    monkeypatch.setattr(limits, "MAX_NAMES", 2)
    with scope(beta):
        (foreign,) = contacts(1)
        write(order(foreign, name="A"), order(foreign, number=2, name="B"))
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1), order(ana, number=2, name="Visit"))
        with pytest.raises(limits.BadEvent, match="event_names"):
            write(order(ana, number=3, name="Return"))
        assert write(order(ana, number=4, name="visit")) == 1


def test_events_of_fanfare_are_neither_counted_nor_refused(acme, monkeypatch):
    monkeypatch.setattr(limits, "MAX_NAMES", 2)
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1))
        assert writing.record(ana, SIGNED_UP, at=ago(1), key=1)
        write(order(ana, number=2, name="Visit"))
        assert writing.record(ana, PREFERENCES_SAVED, at=ago(1), key=2)
        with pytest.raises(limits.BadEvent, match="event_names"):
            write(order(ana, number=3, name="Return"))


def test_people_sign_up_and_opt_out_where_a_workspace_has_all_its_names(acme, monkeypatch):
    monkeypatch.setattr(limits, "MAX_NAMES", 1)
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana))
        ledger.grant(ana, source=Consent.Source.MEMBER, wording="at the fair")
        link = preferences.link(ana)
        form = SignupForm.objects.create(name="Footer", title="F", wording="I agree", double_opt_in=True)
        signup = signing_up.sign_up(form, "new@example.com", {}, signing_up.Visit(), doubtful=False)
        assert signing_up.confirm(signup, signing_up.Visit())
    assert Client().post(link, {"frequency": "weekly", "shown": "way_email"}).status_code == 200
    with scope(acme):
        ana.refresh_from_db()
        assert ana.status == Contact.Status.UNSUBSCRIBED
        assert {event.name.name for event in ContactEvent.objects.all()} == {"Order", SIGNED_UP, PREFERENCES_SAVED}


def test_a_name_remembers_its_currencies_and_properties(acme):
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1, properties={"shop": "Lyon"}))
        write(order(ana, number=2, currency="CHF", properties={"voucher": "X"}), order(ana, number=3))
        name = EventName.objects.get()
        assert (sorted(name.currencies), sorted(name.properties)) == (["CHF", "EUR"], ["shop", "voucher"])


def test_a_name_never_forgets_a_property(acme, monkeypatch):
    """A segment may ask for it. What comes when there is no room any more is no statement either."""
    monkeypatch.setattr(limits, "MAX_KNOWN_PROPERTIES", 4)
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, number=1, properties={"shop": "Lyon", "voucher": "X"}))
        write(order(ana, number=2, properties={"a": 1, "b": 1, "c": 1, "shop": 1}))
        name = EventName.objects.get()
        assert name.properties == ["shop", "voucher", "a", "b"]
        assert [one.known_properties for one in listing.of_workspace()] == [4]
        with CaptureQueriesContext(connection) as asked:
            write(order(ana, number=3, properties={"d": 1, "voucher": 1}))
        assert not [query for query in asked if "UPDATE contacts_eventname" in query["sql"]]
        write(order(ana, number=4, currency="CHF"))
        name.refresh_from_db()
        assert (name.properties, name.currencies) == (["shop", "voucher", "a", "b"], ["CHF", "EUR"])


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * 61, "a\0b", "\ud800", "signed_up", " Signed_Up ", "signed_\u00fap", "a\u202eb"]
)
def test_a_name_that_cannot_be_used_is_refused(text):
    with pytest.raises(limits.BadEvent):
        limits.name(text)


def test_a_name_is_kept_without_superfluous_spaces():
    assert limits.name("  Order \n placed ") == "Order placed"


def test_neither_the_future_nor_what_is_not_kept_is_recorded(settings):
    settings.EVENT_DAYS = 100
    assert limits.time(ago(99)) and limits.time(timezone.now() + timedelta(minutes=4))
    for at, reason in ((ago(101), "old"), (ago(-1), "future"), (datetime(1999, 12, 31, tzinfo=UTC), "old")):
        with pytest.raises(limits.BadEvent, match=reason):
            limits.time(at)
    settings.EVENT_DAYS = 0
    assert limits.time(datetime(2000, 1, 2, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        limits.time(datetime(2020, 1, 1))


@pytest.mark.parametrize(
    "amount, currency, read",
    [
        ("12.5", "eur", (Decimal("12.5"), "EUR")),
        (-3, "USD", (Decimal(-3), "USD")),
        ("-0", "EUR", (Decimal(0), "EUR")),
        (None, "EUR", (None, "")),
        ("1.00005", "EUR", (Decimal("1.0000"), "EUR")),
        ("1", "", None),
        ("1", "EURO", None),
        ("1", "DEM", None),
        ("NaN", "EUR", None),
        ("Infinity", "EUR", None),
        ("1e12", "EUR", None),
        ("999999999999.9999", "EUR", (Decimal("999999999999.9999"), "EUR")),
        ("999999999999.99999", "EUR", None),
        ("1e-999999999", "EUR", (Decimal(0), "EUR")),
        ("1e999999999", "EUR", None),
        ("x", "EUR", None),
    ],
)
def test_a_value_has_a_currency_that_exists(amount, currency, read):
    if read is None:
        with pytest.raises(limits.BadEvent):
            limits.value(amount, currency)
        return
    found = limits.value(amount, currency)
    assert found == read and str(found[0]) != "-0.0000"


@pytest.mark.parametrize(
    "given",
    [
        {f"p{n}": 1 for n in range(51)},
        {"x": "y" * 8000},
        {"": 1},
        {"n" * 61: 1},
        {"a": [[[[1]]]]},
        {"a": float("nan")},
        {"a": 2**63},
        {"a": "\0"},
        {"a": {"\ud800": 1}},
        {"a": object()},
        {1: "a"},
    ],
)
def test_properties_that_are_too_many_too_long_or_no_json_are_refused(given):
    with pytest.raises(limits.BadEvent):
        limits.properties(given)


def test_usual_properties_are_kept_as_they_are(acme):
    given = {"shop": "Lyon", "n": 3, "paid": True, "items": [{"sku": "A", "n": 2}], "none": None, "é": 1.5}
    with scope(acme):
        (ana,) = contacts(1)
        write(order(ana, properties=limits.properties(given)))
        assert ContactEvent.objects.get().properties == given
