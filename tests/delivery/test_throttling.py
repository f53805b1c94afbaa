"""Limits are kept exactly over all lanes. A throttled campaign says why and for how long, and delays no other."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from delivery import batching
from delivery.models import Bucket, MailboxLimit, Message, ProviderAccount, WarmUp, WorkspaceQueue
from delivery.sending import lane, leases, limits, sending_status, throttling
from delivery.sending.throttling import Limit
from kernel.tenancy import across_workspaces, scope
from tests.delivery.batches import check_sums, count_by_hand, hurry, start


def test_eight_lanes_together_take_no_more_than_the_limit(db):
    """100 a second with a burst of 100: in two seconds at most 300, and nearly that."""
    limit, taken, end = Limit("x", 100.0), [0] * 8, time.monotonic() + 2

    def lane_(n):
        try:
            while time.monotonic() < end:
                taken[n] += throttling.take([limit], 7).n
        finally:
            connections.close_all()

    threads = [threading.Thread(target=lane_, args=(n,)) for n in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 150 <= sum(taken) <= 100 + 100 * (time.monotonic() - began)


def test_the_tightest_of_several_limits_holds_and_the_others_get_their_tokens_back(db):
    wide, tight = Limit("wide", 100.0), Limit("tight", 0.03, burst_seconds=100)  # 3 at once, then one in 33 s
    assert throttling.take([wide, tight], 50).n == 3
    assert Bucket.objects.get(key="wide").tokens == 97
    held = throttling.take([wide, tight], 50)
    assert (held.n, held.limit) == (0, tight) and 0.05 <= held.wait <= 33.4
    assert throttling.take([], 50).n == 50


def limited(workspace, port, n, **options):
    batch = start(workspace, n=n, port=port)
    with scope(workspace):
        account = ProviderAccount.objects.get(provider="smtp")
        account.options |= options
        account.save()
    return batch


def test_an_accounts_limit_is_kept_over_lanes(acme, mail_server):
    mailbox, port = mail_server
    batch = limited(acme, port, 60, per_second=10)
    batching.fill(batch.pk)
    began = time.monotonic()

    def work():
        try:
            while len(mailbox.taken) < 25 and time.monotonic() < began + 60:
                lane.run(budget=0.5)
        finally:
            connections.close_all()

    lanes = [threading.Thread(target=work) for _ in range(3)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    assert 25 <= len(mailbox.taken) <= 10 + 10 * (time.monotonic() - began)
    check_sums(batch)


def test_a_long_wait_frees_the_lane_for_others(acme, beta, mail_server):
    _, port = mail_server
    slow, quick = limited(acme, port, 5, per_hour=60), start(beta, n=30, port=port)
    for batch in (slow, quick):
        batching.fill(batch.pk)
    assert lane.run(budget=60) is False
    assert count_by_hand(quick) == {Message.State.ACCEPTED: 30}
    assert count_by_hand(slow) == {Message.State.ACCEPTED: 1, Message.State.QUEUED: 4}
    with scope(acme):
        assert ProviderAccount.objects.get(provider="smtp").throttled_until > timezone.now()
    assert leases.claim("w") is None and not leases.is_any_due()


@pytest.fixture
def warming_up(settings):
    settings.WARM_UP = True


@pytest.mark.parametrize("days, per_hour", [(0, 50), (2.9, 50), (3, 200), (6.9, 200), (7, None), (400, None)])
def test_the_warm_up_plan(acme, warming_up, days, per_hour):
    with scope(acme):
        WarmUp.objects.create(started_at=timezone.now() - timedelta(days=days))
        assert limits.warm_up_rate(acme.pk) == per_hour
        WarmUp.objects.update(is_over=True)
        assert limits.warm_up_rate(acme.pk) is None


def test_a_new_workspace_begins_slowly_and_the_page_says_so(acme, beta, as_user, alice, warming_up, mail_server):
    mailbox, port = mail_server
    batch = start(acme, n=100, port=port)
    batching.fill(batch.pk)
    lane.run(budget=60)
    assert len(mailbox.taken) == 1
    with scope(acme):
        assert WorkspaceQueue.objects.get().throttled_until > timezone.now()
        batch.refresh_from_db()
        status = sending_status.of_batches([batch], batching.open_count(batch.tallies()))
        assert (status.per_hour, status.remaining_hours) == (50, 2)
    from campaigns.models import Campaign

    with scope(acme):
        campaign = Campaign.objects.get()
    page = as_user(alice).get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()
    assert "Sending at a limited 50 per hour, 2 hours remaining" in page


def test_the_sandbox_and_tests_are_not_held_back(acme, warming_up, send_all):
    batch = send_all(start(acme, n=80))
    assert check_sums(batch)["accepted"] == 80
    with scope(acme):
        assert not WarmUp.objects.exists()


def test_an_ip_address_is_warmed_up_over_thirty_days(acme, mail_server):
    batch = limited(acme, mail_server[1], 1, ip_warm_up_since=(timezone.now() - timedelta(days=2)).isoformat())
    with across_workspaces("test"):
        batch.refresh_from_db()
        assert [round(limit.per_second * 86400) for limit in limits.of_batch(batch)] == [200]
    assert len(limits.IP_PLAN) == 30 and sorted(limits.IP_PLAN) == limits.IP_PLAN


def test_a_mailbox_providers_limit_holds_its_own_addresses_only(acme, mail_server, send_all):
    mailbox, port = mail_server
    MailboxLimit.objects.create(domain="gmail.example", per_second=5)
    # 8 s' worth, so that a slow machine does not get all of them granted in the first round.
    people = [f"g{n}@gmail.example" for n in range(40)] + [f"o{n}@other.example" for n in range(12)]
    batch = send_all(start(acme, people, port=port))
    arrived = mailbox.addresses()
    assert sum(a.endswith("other.example") for a in arrived) == 12
    assert 5 <= sum(a.endswith("gmail.example") for a in arrived) < 40
    with scope(acme):
        assert set(Message.objects.filter(batch=batch, state=Message.State.QUEUED).values_list("tries", "reason")) == {
            (0, "throttled")
        }
    deadline = time.monotonic() + 120
    while Message.State.QUEUED in count_by_hand(batch) and time.monotonic() < deadline:
        time.sleep(0.7)
        hurry(batch)
        batch = send_all(batch)
    assert mailbox.addresses() == sorted(people) and check_sums(batch)["accepted"] == 52
