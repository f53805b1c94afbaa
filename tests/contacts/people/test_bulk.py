"""Bulk actions change exactly the chosen contacts, each once, even when the worker is killed in between."""

import pytest
from django.db import connections

from accounts.access import Role
from accounts.models import AuditEntry, Job, Membership
from contacts.models import BulkAction, Consent, Contact, ContactList, ContactTag, ListMember, Suppression, Tag
from contacts.people import bulk_actions, bulk_verbs
from kernel.tenancy import scope
from tests.conftest import make_user
from tests.factories import contacts

NEW = "/w/acme/contacts/bulk/new/"


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(bulk_actions, "CHUNK", 7)


def over(people) -> str:
    return NEW + "?" + "&".join(f"id={person.pk}" for person in people)


def tagged(workspace, name="vip") -> set[int]:
    with scope(workspace):
        return {*ContactTag.objects.filter(tag__name=name).values_list("contact_id", flat=True)}


def test_a_selection_is_changed_during_the_request(acme, alice, as_user):
    with scope(acme):
        people = contacts(5)
    client = as_user(alice)
    assert "3" in client.get(over(people[:3])).content.decode()
    page = client.post(over(people[:3]), {"verb": "tag", "tag": "vip"}, follow=True).content.decode()
    assert "3 contacts changed" in page and tagged(acme) == {p.pk for p in people[:3]}
    client.post(over(people[:2]), {"verb": "untag", "tag": "vip"})
    assert tagged(acme) == {people[2].pk}
    with scope(acme):
        assert AuditEntry.objects.filter(verb__startswith="bulk.").count() == 2


def test_lists_and_deleting(acme, alice, as_user):
    with scope(acme):
        people, one = contacts(4), ContactList.objects.create(name="Fair")
    client = as_user(alice)
    client.post(over(people), {"verb": "list", "list": "Fair"})
    client.post(over(people[:1]), {"verb": "unlist", "list": "Fair"})
    client.post(over(people[1:2]), {"verb": "delete"})
    with scope(acme):
        assert ListMember.objects.filter(contact_list=one).count() == 3
        assert [*Contact.objects.deleted().values_list("pk", flat=True)] == [people[1].pk]


@pytest.mark.parametrize(
    "data, message",
    [
        ({"verb": "tag"}, "Enter a tag"),
        ({"verb": "untag", "tag": "unknown"}, "There is no tag called"),
        ({"verb": "list"}, "Enter a list"),
        ({"verb": "unlist", "list": "unknown"}, "There is no list called"),
        ({"verb": "merge_tag"}, "errorlist"),
        ({"verb": ""}, "errorlist"),
        ({"verb": "tag", "tag": "a\0b"}, "errorlist"),
    ],
)
def test_invalid_input_is_refused(acme, alice, as_user, data, message):
    with scope(acme):
        people = contacts(1)
    assert message in as_user(alice).post(over(people), data).content.decode()
    with scope(acme):
        assert not BulkAction.objects.exists()


@pytest.mark.parametrize("query", ["", "?id=x", "?all=1&status=deleted", "?id=99999999999999999999999"])
def test_an_empty_selection_is_sent_back(acme, alice, as_user, query):
    assert as_user(alice).get(NEW + query).status_code == 302


def test_a_filter_changes_matching_contacts_in_the_background(acme, alice, as_user, run_jobs, small_chunks):
    with scope(acme):
        people = contacts(40)
        Contact.objects.filter(pk__in=[p.pk for p in people[:20]]).update(status="unsubscribed")
        Contact.objects.filter(pk=people[0].pk).update(deleted_at="2026-01-01T00:00Z")
    client, url = as_user(alice), NEW + "?all=1&status=unsubscribed"
    assert "Apply to 19 contacts?" in client.get(url).content.decode()
    client.post(url, {"verb": "tag", "tag": "vip"})
    assert tagged(acme) == set()
    with scope(acme):
        Contact.objects.create(email="later@example.com", status="unsubscribed")
        assert Job.objects.get().label == "Bulk action"
    run_jobs()
    assert tagged(acme) == {p.pk for p in people[1:20]}, "neither deleted contacts nor those added later"
    with scope(acme):
        action, job = BulkAction.objects.get(), Job.objects.get()
        assert (action.seen, action.changed, job.state) == (19, 19, "done") and action.finished_at
    assert ">19<" in client.get(f"/w/acme/contacts/bulk/{action.pk}/").content.decode()


def test_a_filter_with_an_unknown_name_matches_nobody(acme, alice, as_user, run_jobs):
    """It must not match everybody."""
    with scope(acme):
        contacts(3)
    url = NEW + "?all=1&tag=misspelt"
    client = as_user(alice)
    assert "No matching contacts" in client.get(url).content.decode()
    client.post(url, {"verb": "delete"})
    run_jobs()
    with scope(acme):
        assert Contact.objects.present().count() == 3


def test_an_action_that_is_killed_again_and_again_still_changes_everyone_once(
    acme, alice, as_user, monkeypatch, small_chunks
):
    with scope(acme):
        people = contacts(30)
    as_user(alice).post(NEW + "?all=1", {"verb": "unsubscribe"})
    with scope(acme):
        action = BulkAction.objects.get()
    act, calls = bulk_verbs.act, []

    def dies(cursor, *args):
        changed = act(cursor, *args)
        calls.append(changed)
        if len(calls) % 2:
            raise KeyboardInterrupt  # after the change, before the commit
        return changed

    monkeypatch.setattr(bulk_verbs, "act", dies)
    done = False
    while not done:
        try:
            done = bulk_actions.run(acme.pk, action.pk, budget=0)
        except KeyboardInterrupt:
            connections["engine"].close()
    with scope(acme):
        action.refresh_from_db()
        assert (action.seen, action.changed) == (30, 30) and action.finished_at
        assert Contact.objects.filter(status="unsubscribed").count() == 30 == len(people)
        assert Consent.objects.filter(state="withdrawn", source="member", actor=alice).count() == 30
        assert Suppression.objects.filter(reason="unsubscribed").count() == 30


def test_two_workers_run_one_action_once(acme, alice, as_user, small_chunks):
    with scope(acme):
        contacts(20)
    as_user(alice).post(NEW + "?all=1", {"verb": "unsubscribe"})
    with scope(acme):
        first, second = BulkAction.objects.get(), BulkAction.objects.get()
        bulk_actions._step(first)
        with pytest.raises(bulk_actions.Interrupted):
            bulk_actions._step(second)


def test_unsubscribing_keeps_stronger_statuses(acme, alice, as_user):
    with scope(acme):
        people = contacts(4)
        for person, status in zip(people, ["subscribed", "pending", "bounced", "complained"], strict=True):
            Contact.objects.filter(pk=person.pk).update(status=status)
        Suppression.objects.create(recipient="p0@example.com", reason="complained")
    as_user(alice).post(over(people), {"verb": "unsubscribe"})
    with scope(acme):
        statuses = [Contact.objects.get(pk=p.pk).status for p in people]
        assert statuses == ["unsubscribed", "unsubscribed", "bounced", "complained"]
        assert Consent.objects.count() == 4, "the opt-out of the bounced contact is recorded, too"
        assert Suppression.objects.get(recipient="p0@example.com").reason == "complained"


def test_people_of_another_workspace_are_not_changed(acme, beta, alice, as_user, run_jobs):
    with scope(beta):
        foreign = contacts(2)
        strange = Tag.objects.create(name="vip")
    with scope(acme):
        contacts(1)
    client = as_user(alice)
    client.post(over(foreign), {"verb": "delete"})
    client.post(NEW + "?all=1", {"verb": "delete"})
    run_jobs()
    with scope(beta):
        assert Contact.objects.present().count() == 2 and not ContactTag.objects.filter(tag=strange).exists()


def test_an_operator_deletes_nobody_and_a_viewer_does_nothing(acme, alice, rita, as_user):
    olaf = make_user("olaf@acme.example", "Olaf")
    Membership.objects.create(workspace=acme, user=olaf, role=Role.OPERATOR)
    with scope(acme):
        people = contacts(2)
    page = as_user(olaf).get(over(people)).content.decode()
    assert 'value="tag"' in page and 'value="delete"' not in page
    as_user(olaf).post(over(people), {"verb": "delete"})
    assert as_user(rita).post(over(people), {"verb": "tag", "tag": "x"}).status_code == 403
    with scope(acme):
        assert Contact.objects.present().count() == 2
        assert not Tag.objects.exists()


def test_a_failed_action_says_so_and_can_be_resumed(acme, alice, as_user, run_jobs, monkeypatch, small_chunks):
    with scope(acme):
        contacts(20)
    client = as_user(alice)
    client.post(NEW + "?all=1", {"verb": "tag", "tag": "vip"})
    with scope(acme):
        action = BulkAction.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr(bulk_verbs, "act", lambda *args: 1 / 0)
        run_jobs()
    page = client.get(f"/w/acme/contacts/bulk/{action.pk}/").content.decode()
    assert "Resume" in page and "Something went wrong" in page
    client.post(f"/w/acme/contacts/bulk/{action.pk}/resume/")
    run_jobs()
    assert len(tagged(acme)) == 20
