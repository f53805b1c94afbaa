"""A quota is never exceeded, however many lanes send at once. Messages that were definitely not sent cost nothing."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from billing.models import Quota
from campaigns.models import Campaign
from delivery import batching
from delivery.channels.base import Outcome, Result
from delivery.models import Message
from delivery.sending import lane, leases, recovering, settling
from delivery.sending.gate import Closed, pass_gate
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import check_sums, count_by_hand, expire, hurry, start


def give_quota(workspace, most, **fields):
    now = timezone.now()
    with scope(workspace):
        return Quota.objects.create(
            most=most, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=29), **fields
        )


def used(workspace) -> int:
    with scope(workspace):
        return Quota.objects.get().used


def test_sixteen_lanes_oversell_nothing(acme, settings):
    settings.LEASE_SIZE = 50
    batch = start(acme, n=800)
    batching.fill(batch.pk)
    give_quota(acme, 333)
    passed = []

    def work():
        try:
            while lease := leases.claim("w"):
                while lease.handed < lease.high:
                    people = pass_gate(lease, rules=factories.RULES, size=7)
                    if people is Closed.QUOTA:
                        people = pass_gate(lease, rules=factories.RULES, size=1)
                    if isinstance(people, Closed):
                        return
                    passed.extend(people)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == len(set(passed)) == used(acme) == 333


def test_a_campaign_stops_at_the_quota_and_goes_on_when_it_is_raised(acme, alice, as_user, send_all):
    quota = give_quota(acme, 30)
    batch = send_all(start(acme, n=80))
    assert count_by_hand(batch) == {Message.State.ACCEPTED: 30, Message.State.QUEUED: 50}
    assert leases.claim("w") is None and used(acme) == 30
    with scope(acme):
        path = f"/w/acme/campaigns/{Campaign.objects.get().pk}/"
    assert "quota of 30 messages" in as_user(alice).get(path).content.decode()
    with scope(acme):
        Quota.objects.filter(pk=quota.pk).update(most=1000)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_workspacequeue SET throttled_until = NULL")
    hurry(batch)
    assert check_sums(send_all(batch))["accepted"] == 80
    assert used(acme) == 80


@pytest.mark.parametrize(
    "result, kept", [(Result.ACCEPTED, 10), (Result.UNKNOWN, 10), (Result.REFUSED, 0), (Result.LATER, 0)]
)
def test_only_what_was_or_may_have_been_sent_is_paid_for(acme, result, kept):
    batch = start(acme, n=10)
    batching.fill(batch.pk)
    give_quota(acme, 100)
    lease = leases.claim("w")
    people = pass_gate(lease, rules=factories.RULES, size=10)
    assert used(acme) == 10
    outcomes = [(person.contact_id, Outcome(result, "temporary")) for person in people]
    settling.settle(lease, outcomes)
    settling.settle(lease, outcomes)  # repeated after a database error
    assert used(acme) == kept


def test_what_a_lost_worker_had_in_hand_stays_paid_for(acme):
    batch = start(acme, n=10)
    batching.fill(batch.pk)
    give_quota(acme, 100)
    lease = leases.claim("w")
    people = pass_gate(lease, rules=factories.RULES, size=4)
    expire()
    recovering.reap()
    settling.settle(lease, [(person.contact_id, Outcome(Result.REFUSED, "policy")) for person in people])
    assert used(acme) == 4


def test_skipped_people_and_other_workspaces_cost_nothing(acme, beta, send_all):
    from contacts.models import Contact

    batch = start(acme, n=10)
    batching.fill(batch.pk)
    give_quota(acme, 100)
    give_quota(beta, 5)
    with scope(acme):
        Contact.objects.filter(email__in=["p1@example.com", "p2@example.com"]).update(status="unsubscribed")
    send_all(batch)
    assert (used(acme), used(beta)) == (8, 0)


def test_a_lane_ends_where_the_quota_does(acme):
    batch = start(acme, n=10)
    batching.fill(batch.pk)
    give_quota(acme, 0)
    assert lane.run(budget=60) is False
    assert count_by_hand(batch) == {Message.State.QUEUED: 10}
