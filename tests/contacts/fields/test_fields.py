"""Own fields and topics: created, changed without losing a value, deleted with all values."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, ContactField, Topic
from contacts.privacy import purging
from kernel.tenancy import scope
from tests.markup import edit

FIELDS = "/w/acme/contacts/fields/"


@pytest.fixture
def points(acme):
    """A text field in which three contacts have a value."""
    with scope(acme):
        own = ContactField.objects.create(name="points", label="Points", kind="text")
        for n, value in enumerate(["12", "3,5", "1 000"]):
            Contact.objects.create(email=f"p{n}@example.com", attributes={"points": value, "city": "Lyon"})
    return own


def values(workspace):
    with scope(workspace):
        return [c.attributes.get("points") for c in Contact.objects.order_by("id")]


def test_a_field_is_made_and_shown_with_its_merge_tag(acme, alice, as_user):
    client = as_user(alice)
    client.post(FIELDS + "new/", {"label": "Size", "name": "Shirt-Size", "kind": "choice", "choices": "S\nM\n\nS\n"})
    with scope(acme):
        own = ContactField.objects.get()
        assert own.name == "shirt_size" and own.choices == ["S", "M"]
    page = client.get(FIELDS).content.decode()
    assert "shirt_size" in page and "Choice" in page
    assert "Size" in client.get("/w/acme/contacts/new/").content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"name": "email"},
        {"name": "points"},
        {"name": "1st"},
        {"name": ""},
        {"name": "a b"},
        {"kind": "choice"},
        {"kind": "poem"},
        {"label": ""},
        {"label": "a\0b"},
        {"kind": "choice", "choices": "x" * 300},
        {"kind": "choice", "choices": "\n".join(map(str, range(600)))},
    ],
)
def test_bad_fields_are_refused(acme, alice, as_user, points, data):
    good = {"label": "Age", "name": "age", "kind": "number"}
    assert "errorlist" in as_user(alice).post(FIELDS + "new/", good | data).content.decode()
    with scope(acme):
        assert ContactField.objects.count() == 1


def test_a_kind_changes_where_every_value_fits(acme, alice, as_user, points):
    edit(as_user(alice), f"{FIELDS}{points.pk}/edit/", {"label": "Points", "kind": "number"})
    assert values(acme) == [12, 3.5, 1000]
    with scope(acme):
        assert {c.attributes["city"] for c in Contact.objects.all()} == {"Lyon"}
    edit(as_user(alice), f"{FIELDS}{points.pk}/edit/", {"label": "Points", "kind": "text"})
    assert values(acme) == ["12", "3.5", "1000"]


def test_a_kind_stays_where_a_value_would_be_lost(acme, alice, as_user, points):
    with scope(acme):
        Contact.objects.create(email="x@example.com", attributes={"points": "plenty"})
    page = edit(as_user(alice), f"{FIELDS}{points.pk}/edit/", {"label": "Points", "kind": "number"}).content.decode()
    assert "1 value doesn" in page and "plenty" in page
    with scope(acme):
        assert ContactField.objects.get().kind == "text"
    assert values(acme) == ["12", "3,5", "1 000", "plenty"]


def test_a_choice_in_use_can_not_be_removed(acme, alice, as_user, points):
    client, url = as_user(alice), f"{FIELDS}{points.pk}/edit/"
    edit(client, url, {"label": "Points", "kind": "choice", "choices": "12\n3,5\n1 000\n9"})
    page = edit(client, url, {"label": "Points", "kind": "choice", "choices": "12\n9"}).content.decode()
    assert "2 values don" in page
    edit(client, url, {"label": "Points", "kind": "choice", "choices": "12\n3,5\n1 000\n10"})
    with scope(acme):
        assert ContactField.objects.get().choices == ["12", "3,5", "1 000", "10"]


def test_a_deleted_field_keeps_its_values_until_it_is_purged(acme, alice, as_user, points):
    with scope(acme):
        people = [Contact(email=f"q{n}@example.com", attributes={"points": "1"}) for n in range(12)]
        Contact.objects.bulk_create(people)
    client = as_user(alice)
    client.post(f"{FIELDS}{points.pk}/delete/")
    again = {"label": "Points", "name": "points", "kind": "text"}
    assert "with this merge tag is in the trash" in client.post(FIELDS + "new/", again).content.decode()
    purging.purge()
    with scope(acme):
        assert Contact.objects.filter(attributes__has_key="points").count() == 15
        ContactField.objects.filter(pk=points.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    purging.purge()
    with scope(acme):
        assert not ContactField.objects.filter(pk=points.pk).exists()
        assert not Contact.objects.filter(attributes__has_key="points").exists()
        assert Contact.objects.filter(attributes__city="Lyon").count() == 3
    assert client.post(FIELDS + "new/", again).status_code == 302


def test_topics(acme, alice, as_user):
    client, url = as_user(alice), "/w/acme/contacts/topics/"
    client.post(url + "new/", {"name": "News", "description": "Monthly", "position": 2})
    client.post(url + "new/", {"name": "Offers", "needs_choice": "on", "position": 1})
    assert "already" in client.post(url + "new/", {"name": "News", "position": 0}).content.decode()
    page = client.get(url).content.decode()
    assert page.index("Offers") < page.index("News") and "Opt-in only" in page
    with scope(acme):
        news = Topic.objects.get(name="News")
    edit(client, f"{url}{news.pk}/edit/", {"name": "Letters", "position": 0})
    client.post(f"{url}{news.pk}/delete/")
    page = client.get(url).content.decode()
    assert "Letters" not in page
    with scope(acme):
        assert Topic.objects.count() == 2, "what people said to it stays on record"
    assert client.post(url + "new/", {"name": "Letters", "position": 0}).status_code == 302
