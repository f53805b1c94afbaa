"""A batch whose audience can't be determined any more is held, and can still be paused, cancelled and ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from campaigns import sending
from campaigns.models import Campaign
from contacts.models import ContactField, Segment
from delivery import batching, jobs
from delivery.models import Batch
from kernel.tenancy import scope
from tests import factories

VIP = {"version": 1, "match": "all", "rules": [{"on": "field:vip", "op": "is", "with": {"value": "yes"}}]}


@pytest.fixture
def campaign(acme, alice):
    """Started minutes ago, for a segment whose field has been deleted since."""
    with scope(acme):
        factories.contacts(3, attributes={"vip": "yes"})
        field = ContactField.objects.create(name="vip", label="VIP")
        segment = Segment.objects.create(name="VIP", definition=VIP)
        people = {"include": {"segments": [segment.pk]}}
        started = sending.start(factories.campaign(audience=people, created_by=alice).pk)
        ContactField.objects.filter(pk=field.pk).delete()
        Batch.objects.update(created_at=timezone.now() - timedelta(minutes=5))
        return started


def pause_notices() -> int:
    return Notification.objects.filter(title__contains="paused").count()


def test_a_cancelled_one_ends(acme, campaign, run_jobs):
    run_jobs()
    with scope(acme):
        batch = Batch.objects.get()
        assert batch.is_paused and batch.problem and Campaign.objects.get().state == Campaign.State.PAUSED
        sending.cancel(campaign.pk)
    run_jobs()
    with scope(acme):
        batch.refresh_from_db()
        assert batch.problem == "" and batch.state == Batch.State.CANCELLED and batch.finished_at is not None


def test_one_that_a_member_has_paused_says_what_is_wrong_and_is_not_filled_again(acme, campaign, run_jobs):
    with scope(acme):
        sending.pause(campaign.pk)
    run_jobs()
    with scope(acme):
        batch = Batch.objects.get()
        assert batch.problem and pause_notices() == 1
    assert jobs._unfilled() == []
    batching.hold(batch.pk, "Again")
    run_jobs()
    with scope(acme):
        assert Batch.objects.get().problem != "Again" and pause_notices() == 1


def test_the_problem_is_in_the_workspaces_language(acme, alice, campaign, run_jobs, as_user):
    """Workers have no reader whose language they could use: they take the workspace's."""
    type(acme).objects.update(language="fr")
    type(alice).objects.filter(pk=alice.pk).update(language="fr")
    run_jobs()
    page = as_user(alice).get(f"/w/acme/campaigns/{campaign.pk}/progress/", headers={"hx-request": "true"})
    assert "n’existe plus" in page.content.decode()
