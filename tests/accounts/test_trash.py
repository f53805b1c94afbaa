"""The trash: deleted rows can be restored for 30 days, and nothing in use can be deleted."""

import base64
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from accounts.models import AuditEntry, Membership
from campaigns.models import Campaign
from contacts.models import ContactList, ContactTag, ListMember, Segment, Tag
from contacts.privacy import purging
from contacts.segments.audience import Audience, Groups
from contacts.segments.definition import BadDefinition
from kernel import trash
from kernel.tenancy import scope
from tests.factories import campaign, contacts
from tests.markup import edit

TRASH = "/w/acme/trash/"
VALUES = {
    "list": {"name": "Fair"},
    "tag": {"name": "vip"},
    "segment": {"name": "Lyon"},
    "form": {"name": "Footer", "wording": "w"},
    "company": {"name": "Acme"},
    "field": {"name": "city", "label": "City"},
    "topic": {"name": "News"},
    "template": {"name": "Spring", "html": "<p>"},
    "campaign": {"name": "Launch"},
    "sender": {"name": "Ana", "email": "ana@example.com"},
    "seed_list": {"name": "Our mailboxes"},
    "picture": {"name": "wool.jpg", "width": 1, "height": 1, "size": 1},
}
PAGES = {
    "list": "contacts/lists",
    "tag": "contacts/tags",
    "segment": "contacts/segments",
    "form": "contacts/forms",
    "company": "contacts/companies",
    "field": "contacts/fields",
    "topic": "contacts/topics",
    "template": "templates",
    "campaign": "campaigns",
    "sender": "sending/senders",
    "seed_list": "sending/seed-lists",
    "picture": "templates/pictures",
}


def create(kind: str):
    return trash.KINDS[kind].model.objects.create(**VALUES[kind])


def test_every_kind_is_tried_here(acme):
    assert {*VALUES} == {*PAGES} == {*trash.KINDS.names()}


@pytest.mark.parametrize("kind", VALUES)
def test_deleted_seen_and_restored(acme, alice, as_user, kind):
    client = as_user(alice)
    with scope(acme):
        row = create(kind)
    page = f"/w/acme/{PAGES[kind]}/"
    answer = client.post(f"{page}{row.pk}/delete/", follow=True).content.decode()
    assert "restore it from the trash for 30 days" in answer
    assert escape(str(row)) in client.get(f"{TRASH}?of={kind}").content.decode()
    restored = client.post(f"{TRASH}{kind}/{row.pk}/restore/")
    assert restored.status_code == 302 and restored.headers["Location"] == page
    assert "has been restored" in client.get(page).content.decode()
    with scope(acme):
        assert type(row).objects.present().filter(pk=row.pk).exists()
        assert [*AuditEntry.objects.order_by("id").values_list("verb", flat=True)[:2]] == [
            f"{kind}.deleted",
            f"{kind}.restored",
        ]


@pytest.mark.parametrize("kind", ["list", "tag", "segment", "topic", "sender"])
def test_a_name_taken_meanwhile_keeps_it_in_the_trash(acme, alice, as_user, kind):
    with scope(acme):
        row = create(kind)
        row.discard()
        create(kind)
    answer = as_user(alice).post(f"{TRASH}{kind}/{row.pk}/restore/", follow=True).content.decode()
    assert "Rename that first" in answer
    with scope(acme):
        assert type(row).objects.deleted().get() == row


def test_after_thirty_days_it_is_out_of_reach(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        row = create("list")
        ContactList.objects.update(deleted_at=timezone.now() - timedelta(days=30, minutes=1))
    assert "The trash is empty" in client.get(TRASH).content.decode()
    assert client.post(f"{TRASH}list/{row.pk}/restore/").status_code == 404


def test_people_who_may_not_delete_a_kind_do_not_see_its_trash(acme, alice, as_user):
    with scope(acme):
        contact_list, template = create("list"), create("template")
        contact_list.discard()
        template.discard()
    Membership.objects.filter(user=alice).update(role="operator")
    page = as_user(alice).get(f"{TRASH}?of=list").content.decode()
    assert "Fair" not in page and "Spring" in page
    assert as_user(alice).post(f"{TRASH}list/{contact_list.pk}/restore/").status_code == 404
    assert as_user(alice).post(f"{TRASH}template/{template.pk}/restore/").status_code == 302


def test_rows_of_others_and_invalid_addresses(acme, beta, alice, as_user):
    with scope(beta):
        row = create("list")
        row.discard()
    client = as_user(alice)
    assert client.post(f"{TRASH}list/{row.pk}/restore/").status_code == 404
    assert client.post(f"{TRASH}nothing/1/restore/").status_code == 404
    assert client.get(f"{TRASH}?of=%20&cursor=x").status_code == 200
    with scope(acme):
        create("list").discard()
    for value in ("abc", 5, "2026-13-01"):
        cursor = base64.urlsafe_b64encode(json.dumps([False, value, 1]).encode()).decode()
        assert client.get(f"{TRASH}?of=list&cursor={cursor}").status_code == 200
    assert client.get(f"{TRASH}list/{row.pk}/restore/").status_code == 405


def rule(on: str, **parameters) -> dict:
    return {"version": 1, "match": "all", "rules": [{"on": on, "op": "any", "with": parameters}]}


@pytest.mark.parametrize("kind", ["list", "tag", "topic", "field"])
def test_what_a_segment_refers_to_stays(acme, alice, as_user, kind):
    client = as_user(alice)
    with scope(acme):
        row = create(kind)
        other = type(row).objects.create(**VALUES[kind] | {"name": "another"})
        on = "field:city" if kind == "field" else kind
        parameters = {"topic": str(row.pk)} if kind == "topic" else {"ids": [str(row.pk)]}
        definition = rule(on, **parameters) | {"rules": [{"match": "none", "rules": rule(on, **parameters)["rules"]}]}
        Segment.objects.create(name="Loyal people", definition=definition)
    answer = client.post(f"/w/acme/{PAGES[kind]}/{row.pk}/delete/", follow=True).content.decode()
    assert "still in use: Loyal people" in answer
    client.post(f"/w/acme/{PAGES[kind]}/{other.pk}/delete/")
    with scope(acme):
        assert [*type(row).objects.present()] == [row]


@pytest.mark.parametrize("kind, side", [("list", "include"), ("tag", "exclude"), ("segment", "exclude")])
def test_what_a_waiting_campaigns_audience_names_stays(acme, alice, as_user, kind, side):
    client = as_user(alice)
    with scope(acme):
        row = create(kind)
        draft = campaign(audience={side: {kind + "s": [row.pk]}}, name="Launch")
    page = f"/w/acme/{PAGES[kind]}/{row.pk}/delete/"
    assert "still in use: Launch" in client.post(page, follow=True).content.decode()
    with scope(acme):
        Campaign.objects.filter(pk=draft.pk).update(state="sent")
    client.post(page)
    with scope(acme):
        assert not type(row).objects.present().exists()


@pytest.mark.parametrize("kind", ["template", "sender", "topic"])
def test_what_a_scheduled_campaign_needs_stays(acme, alice, as_user, kind):
    with scope(acme):
        row = create(kind)
        campaign(**{kind: row}, state="scheduled", name="Launch")
    page = f"/w/acme/{PAGES[kind]}/{row.pk}/delete/"
    assert "still in use: Launch" in as_user(alice).post(page, follow=True).content.decode()


@pytest.mark.parametrize("kind", ["list", "tag", "segment"])
def test_an_audience_with_something_deleted_is_no_audience(acme, kind):
    """A copy of an old campaign may name deleted groups: ignoring them would lose an exclusion."""
    with scope(acme):
        row = create(kind)
        row.discard()
        groups = Groups(**{kind + "s": (row.pk,)})
        for audience in (Audience(include=groups), Audience(exclude=groups)):
            with pytest.raises(BadDefinition, match="deleted"):
                audience.sql()


def test_a_deleted_tag_is_only_seen_in_what_happened_and_comes_back_with_its_people(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        tag = Tag.objects.create(name="very-important")
        (person,) = contacts(1)
        ContactTag.objects.create(tag=tag, contact=person)
        tag.discard()
    pages = ["contacts/", f"contacts/{person.pk}/", f"contacts/{person.pk}/edit/", "contacts/tags/"]
    pages += ["contacts/options/tags/?text=very", "contacts/exports/new/", "campaigns/new/"]
    for page in pages:
        answer = client.get(f"/w/acme/{page}")
        now = re.sub(r'<ol class="timeline">.*?</ol>', "", answer.content.decode(), flags=re.DOTALL)
        assert answer.status_code == 200 and "very-important" not in now, page
    edited = {"email": "p0@example.com", "tags": "new", "lists": "", "companies": "", "language": ""}
    assert edit(client, f"/w/acme/contacts/{person.pk}/edit/", edited).status_code == 302
    client.post(f"{TRASH}tag/{tag.pk}/restore/")
    with scope(acme):
        assert {*ContactTag.objects.values_list("tag__name", flat=True)} == {"very-important", "new"}


def test_purged_lists_and_tags_leave_no_members(acme):
    with scope(acme):
        contact_list, tag = create("list"), create("tag")
        for person in contacts(3):
            ListMember.objects.create(contact_list=contact_list, contact=person)
            ContactTag.objects.create(tag=tag, contact=person)
        for model in (ContactList, Tag):
            model.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert purging.purge() is None
    with scope(acme):
        for model in (ContactList, Tag, ListMember, ContactTag):
            assert not model.objects.exists()
