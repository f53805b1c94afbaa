"""Choosing a campaign's audience among thousands of tags, lists and segments."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import AuditEntry
from campaigns.forms.audience import keys, read_groups
from campaigns.models import Campaign
from contacts.models import ContactList, Segment, Tag
from contacts.segments.audience import Audience, Groups
from kernel.tenancy import scope
from tests import factories
from tests.markup import edit, flat

NEW = "/w/acme/campaigns/new/"


@pytest.fixture
def groups(acme):
    """A segment, a list, and the tags."""
    with scope(acme):
        rule = {"on": "email", "op": "contains", "with": {"value": "p"}}
        segment = Segment.objects.create(name="Ps", definition={"version": 1, "match": "all", "rules": [rule]})
        tags = Tag.objects.bulk_create(Tag(name=f"tag {n:04}") for n in range(5000))
        return segment, ContactList.objects.create(name="VIPs"), tags


@pytest.fixture
def form(acme):
    """The form's data, and the draft it belongs to."""
    with scope(acme):
        draft = factories.campaign()
    return {"name": "News", "subject": "Hi", "sender": draft.sender_id, "template": draft.template_id}, draft


def test_the_page_contains_only_what_is_chosen(acme, alice, as_user, groups):
    segment, vips, tags = groups
    chosen = Audience(Groups(tags=(tags[7].pk,), lists=(vips.pk,), segments=(segment.pk,)), Groups(tags=(tags[9].pk,)))
    with scope(acme):
        draft = factories.campaign(audience=chosen.data())
    page = as_user(alice).get(f"/w/acme/campaigns/{draft.pk}/edit/").content.decode()
    assert picked(page, "include") == [f"segment:{segment.pk}", f"list:{vips.pk}", f"tag:{tags[7].pk}"]
    assert picked(page, "exclude") == [f"tag:{tags[9].pk}"]
    assert set(re.findall(r"tag \d{4}", page)) == {"tag 0007", "tag 0009"} and len(page) < 60_000


def picked(page: str, name: str) -> list[str]:
    return re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)" checked', flat(page))


def test_what_is_chosen_is_saved_and_counted(acme, alice, as_user, groups, form):
    segment, vips, tags = groups
    data, draft = form
    with scope(acme):
        other = Segment.objects.create(name="Others", definition=segment.definition)
    keys = [f"segment:{segment.pk}", f"segment:{other.pk}", f"list:{vips.pk}", f"tag:{tags[4999].pk}"]
    address = f"/w/acme/campaigns/{draft.pk}/edit/"
    for junk in ("junk", "tag:x", "list:99999999999999999999"):
        page = edit(as_user(alice), address, data | {"include": keys, "exclude": [junk]})
        assert "This selection can&#x27;t be read" in page.content.decode(), "and never goes to more people"
    answer = edit(as_user(alice), f"/w/acme/campaigns/{draft.pk}/edit/", data | {"include": keys})
    assert answer.status_code == 302
    with scope(acme):
        include = Campaign.objects.get(pk=draft.pk).people.include
        assert "include" in AuditEntry.objects.get(verb="campaign.changed").detail["fields"]
    assert include == Groups(tags=(tags[4999].pk,), lists=(vips.pk,), segments=(segment.pk, other.pk))
    with CaptureQueriesContext(connection) as queries:
        answer = as_user(alice).get("/w/acme/campaigns/audience/", {"include": keys})
    assert "people will receive this" in answer.content.decode()
    assert sum('FROM "contacts_contactfield"' in query["sql"] for query in queries) == 1, "for both segments"


@pytest.mark.parametrize("press", ["refresh", "enter"])
def test_without_javascript_a_search_finds_and_what_is_ticked_is_chosen(acme, alice, as_user, groups, form, press):
    _segment, vips, tags = groups
    data = {"name": "Half done", "include": [f"list:{vips.pk}"], "find-include": "tag 000", press: "1"}
    page = flat(as_user(alice).post(NEW, data))
    assert 'value="Half done"' in page and "errorlist" not in page, "nothing is lost, nothing is missing yet"
    assert picked(page, "include") == [f"list:{vips.pk}"]
    assert (
        f'name="include" value="tag:{tags[3].pk}">' in page and f'name="exclude" value="tag:{tags[3].pk}"' not in page
    )
    with scope(acme):
        assert not Campaign.objects.filter(name="Half done").exists()
    page = as_user(alice).post(NEW, data | {"include": [f"tag:{tags[3].pk}"], "find-include": ""})
    if press == "enter":  # in another field: as the button that saves
        assert page.status_code == 302
    else:
        assert picked(page.content.decode(), "include") == [f"tag:{tags[3].pk}"]


def test_what_was_deleted_must_be_removed_before_saving(acme, alice, as_user, groups, form):
    segment, vips, _tags = groups
    data, draft = form
    with scope(acme):
        Segment.objects.filter(pk=segment.pk).update(deleted_at=timezone.now())
    keys = [f"segment:{segment.pk}", f"list:{vips.pk}"]
    page = edit(as_user(alice), f"/w/acme/campaigns/{draft.pk}/edit/", data | {"include": keys}).content.decode()
    assert "was deleted. Remove it" in page and f"No. {segment.pk}, deleted" in page and "VIPs" in page
    answer = edit(as_user(alice), f"/w/acme/campaigns/{draft.pk}/edit/", data | {"include": keys[1:]})
    assert answer.status_code == 302


def test_another_workspaces_groups_can_not_be_chosen(acme, beta, alice, as_user, form):
    data, draft = form
    with scope(beta):
        secret = Tag.objects.create(name="secret")
    answer = edit(as_user(alice), f"/w/acme/campaigns/{draft.pk}/edit/", data | {"include": [f"tag:{secret.pk}"]})
    assert answer.status_code == 200 and "secret" not in answer.content.decode()


def test_the_address_may_choose_the_audience(acme, alice, as_user, groups):
    page = as_user(alice).get(f"{NEW}?include=segment:{groups[0].pk}&with_inactive=1").content.decode()
    assert picked(page, "include") == [f"segment:{groups[0].pk}"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_groups_are_the_same_in_every_language(language):
    """Chosen lists and tags were dropped where the reader's language was not that of the process's start: everyone was the
    audience, and nobody excluded."""
    with translation.override(language):
        groups = read_groups(["list:2", "tag:3", "segment:4"])
        assert (groups.lists, groups.tags, groups.segments) == ((2,), (3,), (4,))
        assert keys(groups) == ["segment:4", "list:2", "tag:3"]
