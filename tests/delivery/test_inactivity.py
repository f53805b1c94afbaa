"""Inactive people: written to several times, with time to react, and no click for the workspace's number of months."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Suppression
from delivery import list_hygiene
from kernel.jobs import enqueue
from kernel.tenancy import scope
from tests import factories
from tests.delivery.test_hygiene import FULL, SENT, history

OFTEN = (300, 200, 100)


@pytest.fixture
def inactive_person(acme):
    with scope(acme):
        [person] = factories.contacts(1, created_at=timezone.now() - timedelta(days=500))
        history(person, *[(days, SENT) for days in OFTEN])
    return person


def is_inactive(workspace) -> bool:
    with scope(workspace):
        return Contact.objects.get().inactive_at is not None


@pytest.mark.parametrize(
    "created, engaged, sent, inactive",
    [
        (500, None, OFTEN, True),
        (500, 400, OFTEN, True),
        (500, 150, OFTEN, False),
        (100, None, (50, 40, 30), False),
        (500, None, (450, 440, 430), False),
        (500, None, (300, 200), False),
        (500, None, (300, 200, 1), False),
        (500, None, (1,), False),
        (500, 370, (375, 300, 200), False),
        (500, None, (), False),
    ],
    ids=[
        "never clicked",
        "clicked long ago",
        "clicked lately",
        "new",
        "not written to lately",
        "written to twice",
        "could not answer the third yet",
        "yesterday's only",
        "twice since the click",
        "never written to",
    ],
)
def test_who_stopped_reading_is_marked(acme, created, engaged, sent, inactive):
    now = timezone.now()
    with scope(acme):
        [person] = factories.contacts(1, created_at=now - timedelta(days=created))
        if engaged:
            Contact.objects.update(engaged_at=now - timedelta(days=engaged))
        history(person, *[(days, SENT) for days in sent])
    assert list_hygiene.mark_inactive(acme.pk) is None
    assert is_inactive(acme) == inactive


@pytest.mark.parametrize("purpose", ["service", "test"])
def test_what_was_asked_for_is_no_campaign(acme, purpose):
    with scope(acme):
        [person] = factories.contacts(1, created_at=timezone.now() - timedelta(days=500))
        history(person, *[(days, SENT) for days in OFTEN], purpose=purpose)
    list_hygiene.mark_inactive(acme.pk)
    assert not is_inactive(acme)


@pytest.mark.parametrize("months", [None, 14, 24])
def test_a_setting_emptied_or_raised_wakes_who_no_longer_qualifies(
    acme, alice, inactive_person, as_user, run_jobs, months
):
    with scope(acme):
        Contact.objects.update(engaged_at=timezone.now() - timedelta(days=400))
    list_hygiene.mark_inactive(acme.pk)
    assert is_inactive(acme)
    page = as_user(alice).get("/w/acme/settings/workspace/").context["form"]
    saved = {name: page[name].value() or "" for name in page.fields} | {"inactive_months": months or ""}
    as_user(alice).post("/w/acme/settings/workspace/", saved)
    run_jobs()
    assert not is_inactive(acme)


def test_saved_unchanged_who_is_asleep_stays_asleep(acme, inactive_person):
    """Also if they got nothing since, because campaigns leave inactive people out."""
    list_hygiene.mark_inactive(acme.pk)
    with scope(acme):
        Contact.objects.update(created_at=timezone.now() - timedelta(days=5000))
    acme.inactive_months = 120
    acme.save()
    list_hygiene.mark_inactive(acme.pk)
    assert is_inactive(acme)


def test_a_workspace_may_switch_it_off(acme, inactive_person):
    acme.inactive_months = None
    acme.save()
    list_hygiene.mark_inactive(acme.pk)
    assert not is_inactive(acme)


def test_every_workspace_has_its_own_jobs(acme, beta, inactive_person, run_jobs):
    """A job that fails or is killed affects no other workspace."""
    with scope(beta):
        [person] = factories.contacts(1)
        history(person, (20, FULL), (10, FULL), (1, FULL))
    enqueue("delivery.keep_addresses_clean")
    done = run_jobs()
    assert done.count("delivery.mark_inactive") == done.count("delivery.suppress_soft_bounces") == 2
    assert is_inactive(acme)
    with scope(beta):
        assert Suppression.objects.get().recipient == person.email


def test_what_the_budget_does_not_allow_is_done_by_another_job(acme, run_jobs, monkeypatch):
    with scope(acme):
        people = factories.contacts(5, created_at=timezone.now() - timedelta(days=500))
        for person in people:
            history(person, *[(days, SENT) for days in OFTEN])
    monkeypatch.setattr(list_hygiene, "CHUNK", 2)
    monkeypatch.setattr(list_hygiene.mark_inactive, "__kwdefaults__", {"budget": 0.0})
    enqueue("delivery.mark_inactive", workspace_id=acme.pk)
    assert run_jobs() == ["delivery.mark_inactive"] * 4
    with scope(acme):
        assert Contact.objects.filter(inactive_at__isnull=False).count() == 5
