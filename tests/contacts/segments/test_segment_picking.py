"""The segment builder with many choices: the page stays small, and the database is asked once."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import ContactField, ContactList, Segment, Tag
from contacts.segments import definition, schema_cache
from delivery.models import Batch, ProviderAccount
from kernel.tenancy import scope
from tests.markup import flat

NEW = "/w/acme/contacts/segments/new/"


@pytest.fixture
def tags(acme):
    with scope(acme):
        return Tag.objects.bulk_create(Tag(name=f"tag {n:04}") for n in range(5000))


def rules(*each) -> dict:
    """The builder's form with these rules: (subject, operator, values of its inputs)."""
    data = {"name": "S", "node": ["g0"], "match-0": "all"}
    for n, (on, op, args) in enumerate(each):
        data["node"].append(f"r0.{n}")
        data |= {f"on-0.{n}": on, f"op-0.{n}": op}
        data |= {f"with-0.{n}-{name}": value for name, value in args.items()}
    return data


def asked(queries, table: str) -> int:
    return sum(f'FROM "{table}"' in query["sql"] for query in queries)


def test_the_page_does_not_grow_with_the_tags(acme, alice, as_user, tags):
    chosen = [str(tag.pk) for tag in tags[:3]]
    data = rules(*[("tag", "any", {"ids": chosen})] * 10)
    page = as_user(alice).post(NEW, data | {"refresh": "1"}).content.decode()
    assert "tag 0002" in page and "tag 0003" not in page
    assert len(page) < 150_000  # ten rules with 5,000 boxes each were 8 million characters


def test_a_request_asks_for_subjects_and_names_once(acme, alice, as_user, tags):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        lists = ContactList.objects.bulk_create(ContactList(name=f"l{n}") for n in range(3))
        sent = batch()
    data = rules(
        *[("tag", op, {"ids": [str(tags[n].pk), str(tags[n + 9].pk)]}) for n, op in enumerate(("any", "all", "none"))],
        *[("list", "any", {"ids": str(one.pk)}) for one in lists],
        *[("clicked", "campaign", {"campaign": str(sent.pk)})] * 2,
    )
    client = as_user(alice)
    tables = ("contacts_contactfield", "contacts_tag", "contacts_contactlist", "delivery_batch")
    for extra, headers in (({}, {"HTTP_HX_REQUEST": "true"}), ({"refresh": "1"}, {}), ({}, {})):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.post(NEW, data | extra, **headers)
        assert [asked(queries, table) for table in tables] == [1, 1, 1, 1]
    assert answer.status_code == 302
    with scope(acme):
        made = Segment.objects.get()
    for path in (f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/?who=x"):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/w/acme/contacts/segments/{path}")
        assert [asked(queries, table) for table in tables] == [1, 1, 1, 1], path
        assert "“tag 0000”" in page.content.decode() and "“News” was" not in page.content.decode()


def batch() -> Batch:
    account = ProviderAccount.objects.get()
    return Batch.objects.create(name="News", purpose="marketing", account=account, expires_at=timezone.now())


def test_the_list_of_segments_asks_once_for_all(acme, alice, as_user, tags):
    with scope(acme):
        for n in range(10):
            rule = {"on": "tag", "op": "any", "with": {"ids": [str(tags[n].pk)]}}
            Segment.objects.create(name=f"S{n}", definition={"version": 1, "match": "all", "rules": [rule]})
        Segment.objects.create(name="Broken", definition={"version": 99})
    with CaptureQueriesContext(connection) as queries:
        page = as_user(alice).get("/w/acme/contacts/segments/").content.decode()
    assert asked(queries, "contacts_tag") == asked(queries, "contacts_contactfield") == 1
    assert "“tag 0009”" in page and "another version of Fanfare" in page


def test_without_javascript_a_search_finds_what_can_be_ticked(acme, alice, as_user, tags):
    data = rules(("tag", "any", {"ids": str(tags[0].pk)})) | {"find-with-0.0-ids": "000", "refresh": "1"}
    page = flat(as_user(alice).post(NEW, data))
    boxes = re.findall(r'<input type="checkbox" name="with-0.0-ids" value="(\d+)"( checked)?', page)
    assert (str(tags[0].pk), " checked") in boxes and (str(tags[9].pk), "") in boxes
    assert len(boxes) == len(dict(boxes)) == 10 + 4, "what is chosen is not found again"


def test_one_campaign_is_chosen_of_many(acme, alice, as_user):
    with scope(acme):
        sent = batch()
    data = rules(("opened", "campaign", {"campaign": str(sent.pk)})) | {"find-with-0.0-campaign": "n", "refresh": "1"}
    page = flat(as_user(alice).post(NEW, data))
    assert f'type="radio" name="with-0.0-campaign" value="{sent.pk}" checked' in page
    assert "of=campaign&amp;one=1" in page
    missing = as_user(alice).post(NEW, rules(("opened", "campaign", {}))).content.decode()
    assert "Opened a message: choose one." in missing


def test_a_deleted_choice_is_shown_until_it_is_removed(acme, alice, as_user, tags):
    keys = [str(tag.pk) for tag in tags[:2]]
    with scope(acme):
        tags[0].delete()
    answer = as_user(alice).post(NEW, rules(("tag", "all", {"ids": keys})))
    page = answer.content.decode()
    assert f"No. {keys[0]}, deleted" in page and "tag 0001" in page and "no longer exists" in page
    assert as_user(alice).post(NEW, rules(("tag", "all", {"ids": keys[1:]}))).status_code == 302


def test_the_cache_is_not_shared_between_workspaces(acme, beta):
    with scope(acme):
        secret = Tag.objects.create(name="secret")
        data = {"match": "all", "rules": [{"on": "tag", "op": "any", "with": {"ids": [str(secret.pk)]}}]}
        with schema_cache.cached_schema():
            assert definition.read(data).problems() == []
            with scope(beta):
                assert "no longer exists" in definition.read(data).problems()[0]


def test_without_the_cache_changes_are_seen_at_once(acme):
    data = {"match": "all", "rules": [{"on": "field:city", "op": "filled"}]}
    with scope(acme):
        assert definition.read(data).problems()
        ContactField.objects.create(name="city", label="City")
        assert definition.read(data).problems() == []
