"""The gate and its fences: who passes, what closes it, and what a lane that lost its lease can still do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import batching
from delivery.channels.base import Outcome, Result
from delivery.models import Batch, Control, Lease, Message
from delivery.sending import leases, recovering, settling
from delivery.sending.gate import Closed
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, count_by_hand, expire, gate


def test_the_gate_hands_out_each_person_once(filled):
    lease = leases.claim("w1")
    first, second = gate(lease), gate(lease)
    assert len(first) == len(second) == 10
    assert not {p.contact_id for p in first} & {p.contact_id for p in second}
    assert leases.claim("w2") is None


def test_a_lost_worker_leaves_at_most_one_sub_batch_unknown(filled, acme, send_all):
    """Killed between gate and settle: what was handed out is unknown and never sent again, the rest is sent."""
    lease = leases.claim("w1")
    done = gate(lease)
    settling.settle(lease, [(p.contact_id, Outcome(Result.ACCEPTED)) for p in done])
    in_doubt = gate(lease)
    expire()
    assert recovering.reap() == 1
    batch = send_all(filled)
    tallies = check_sums(batch)
    assert (tallies["accepted"], tallies["unknown"]) == (40, 10)
    assert batch.state == Batch.State.FINISHED
    with scope(acme):
        unknown = set(
            Message.objects.filter(batch=batch, state=Message.State.UNKNOWN).values_list("contact_id", flat=True)
        )
    assert unknown == {p.contact_id for p in in_doubt}


def test_work_that_kills_its_workers_is_set_aside(filled, acme):
    """Three workers die before they hand out anything. A lease that passes the gate in between is never set aside."""
    for _ in range(5):
        lease = leases.claim("w")
        gate(lease, size=2)
        expire()
        recovering.reap()
    assert count_by_hand(filled)[Message.State.UNKNOWN] == 10
    for died in range(1, 4):
        assert leases.claim("w") is not None, died
        expire()
        recovering.reap()
    assert leases.claim("w") is None
    tallies = check_sums(filled)
    assert (tallies["unknown"], tallies["failed"]) == (10, 40)
    assert not recovering.finish_if_done(filled.pk), "so many failed that a person is asked"
    with scope(acme):
        batching.resume(filled)
    assert recovering.finish_if_done(filled.pk)


def test_a_zombie_changes_nothing(filled):
    """A worker that was stopped longer than its lease: its gate is closed, and what it settles does not count."""
    zombie = leases.claim("w1")
    people = gate(zombie)
    expire()
    recovering.reap()
    heir = leases.claim("w2")
    assert gate(zombie) is Closed.LOST
    settling.settle(zombie, [(p.contact_id, Outcome(Result.ACCEPTED)) for p in people])
    assert count_by_hand(filled)[Message.State.UNKNOWN] == 10
    assert Message.State.ACCEPTED not in count_by_hand(filled)
    assert not {p.contact_id for p in gate(heir)} & {p.contact_id for p in people}
    leases.finish(zombie)
    leases.release(zombie, wait=0)
    with scope(filled.workspace_id):
        assert Lease.objects.get().state == Lease.State.TAKEN


@pytest.mark.parametrize("result", [Result.ACCEPTED, Result.REFUSED, Result.HARD, Result.LATER, Result.UNKNOWN])
def test_what_a_zombie_settles_does_not_count_while_its_messages_are_still_queued(filled, result):
    """Another lane has the lease, with a new token, and recovery has not touched the messages: they are still queued,
    so only the comparison of the tokens keeps the zombie's outcomes out."""
    zombie = leases.claim("w1")
    people = gate(zombie)
    leases.release(zombie, wait=0)
    heir = leases.claim("w2")
    assert heir.id == zombie.id and heir.token != zombie.token
    settling.settle(zombie, [(person.contact_id, Outcome(result, "late")) for person in people])
    assert check_sums(filled) == {"planned": 50}
    with scope(filled.workspace_id):
        rows = Message.objects.filter(batch=filled).values_list("state", "round", "tries", "reason")
        assert set(rows) == {(Message.State.QUEUED, 0, 0, "")}
    settling.settle(heir, [(person.contact_id, Outcome(Result.ACCEPTED)) for person in people])
    assert check_sums(filled)["accepted"] == 10


@pytest.mark.parametrize("kind", ["all", "channel", "workspace"])
def test_the_kill_switch_closes_the_gate(filled, acme, alice, kind):
    lease = leases.claim("w1")
    assert len(gate(lease)) == 10
    Control.objects.create(
        kind=kind,
        channel="email" if kind == "channel" else "",
        workspace=acme if kind == "workspace" else None,
        reason="x",
    )
    assert gate(lease) is Closed.KILLED
    Control.objects.update(lifted_at=timezone.now())
    assert len(gate(lease)) == 10


def test_the_kill_switch_of_another_workspace_does_not(filled, beta):
    Control.objects.create(kind="workspace", workspace=beta, reason="x")
    assert len(gate(leases.claim("w1"))) == 10


def test_pause_and_resume(filled, acme, send_all):
    lease = leases.claim("w1")
    with scope(acme):
        assert batching.pause(filled)
    assert gate(lease) is Closed.PAUSED
    leases.release(lease, wait=0)
    assert leases.claim("w1") is None
    with scope(acme):
        assert batching.resume(filled)
    assert check_sums(send_all(filled))["accepted"] == 50


def test_cancel_keeps_what_left_and_ends_the_rest(filled, acme, send_all):
    lease = leases.claim("w1")
    people = gate(lease)
    with scope(acme):
        assert batching.cancel(filled)
        assert not batching.cancel(filled)
    settling.settle(lease, [(p.contact_id, Outcome(Result.ACCEPTED)) for p in people])
    leases.release(lease, wait=0)
    batch = send_all(filled)
    tallies = check_sums(batch)
    assert (tallies["accepted"], tallies["cancelled"]) == (10, 40)
    assert batch.state == Batch.State.CANCELLED and batch.finished_at


def test_too_late_is_not_sent(filled, acme, send_all):
    with scope(acme):
        Batch.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    batch = send_all(filled)
    assert check_sums(batch)["expired"] == 50 and batch.finished_at
