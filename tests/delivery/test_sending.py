"""The send engine with a real SMTP server: every message ends once, and the server's answer decides how."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from campaigns import sending
from contacts.consent import ledger, suppression_list
from contacts.models import Consent, Contact, Suppression
from delivery import batching
from delivery.channels.base import Outcome, Result
from delivery.channels.email_sandbox import provider
from delivery.models import Batch, Control, Lease, Message, ProviderAccount
from delivery.sending import lane, lease_runner, leases, recovering, settling
from delivery.sending.gate import Closed, pass_gate
from kernel.tenancy import scope
from tests import factories


def start(workspace, people=(), n=0, port=None, **fields) -> Batch:
    with scope(workspace):
        if port:
            factories.smtp_account(port)
        Contact.objects.bulk_create([Contact(email=e, status="subscribed") for e in people])
        factories.contacts(n)
        return sending.start(factories.campaign(**fields).pk).batch


def count_by_hand(batch) -> dict:
    """Messages by state, counted in their table. The tallies must equal this."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM delivery_message WHERE batch_id = %s GROUP BY 1", [batch.pk])
        return {Message.State(state): n for state, n in cursor.fetchall()}


def check_sums(batch) -> dict:
    with scope(batch.workspace_id):
        tallies = batch.tallies()
    counted = count_by_hand(batch)
    for state, fact in batching.FACT_OF_STATE.items():
        assert tallies.get(fact, 0) == counted.get(state, 0), fact
    assert tallies.get("planned", 0) == sum(counted.values())
    assert batching.open_count(tallies) == counted.get(Message.State.QUEUED, 0)
    return tallies


def hurry(batch):
    """Make all leases that wait due now."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET not_before = now() WHERE batch_id = %s", [batch.pk])


def test_a_campaign_reaches_everyone_once(acme, mail_server, send_all):
    mailbox, port = mail_server
    batch = send_all(start(acme, n=450, port=port))
    assert batch.state == Batch.State.FINISHED
    assert mailbox.addresses() == sorted(f"p{i}@example.com" for i in range(450))
    assert check_sums(batch)["accepted"] == 450


def test_what_the_server_says_decides(acme, mail_server, send_all, states):
    mailbox, port = mail_server
    people = ["ok@x.example", "hard@x.example", "policy@x.example", "drop@x.example", "full@x.example"]
    batch = send_all(start(acme, people, port=port))
    assert states(batch) == {
        "ok@x.example": ("accepted", ""),
        "hard@x.example": ("failed", "user_unknown"),
        "policy@x.example": ("failed", "policy"),
        "drop@x.example": ("unknown", "lost_reply"),
        "full@x.example": ("queued", "temporary"),
    }
    assert batch.finished_at is None
    hurry(batch)
    batch = send_all(batch)
    assert states(batch)["full@x.example"] == ("accepted", "")
    assert batch.state == Batch.State.FINISHED
    # A lost reply is never tried again; a hard refusal marks the contact, a policy refusal does not.
    assert mailbox.addresses().count("drop@x.example") == 1
    with scope(acme):
        status = dict(Contact.objects.values_list("email", "status"))
        assert status["hard@x.example"] == "bounced" and status["policy@x.example"] == "subscribed"
        assert Suppression.objects.get().recipient == "hard@x.example"
    assert check_sums(batch)["bounced"] == 1


def test_a_soft_refusal_is_given_up_after_some_tries(acme, mail_server, send_all, states):
    mailbox, port = mail_server
    batch = send_all(start(acme, ["soft@x.example", "ok@x.example"], port=port))
    for _ in range(settling.MAX_TRIES + 1):
        hurry(batch)
        batch = send_all(batch)
    assert states(batch)["soft@x.example"] == ("failed", "gave_up")
    assert mailbox.seen.count("soft@x.example") == settling.MAX_TRIES
    assert batch.state == Batch.State.FINISHED
    check_sums(batch)


def test_backoff_grows_and_has_jitter():
    assert [leases.backoff(n) <= 60 * 2 ** (n - 1) for n in range(1, 8)] == [True] * 7
    assert all(leases.backoff(n) >= 30 * 2 ** (n - 1) for n in range(1, 7))
    assert leases.backoff(30) <= 7200 and len({leases.backoff(3) for _ in range(9)}) > 1


def test_who_may_not_be_written_to_is_skipped_with_the_reason(acme, send_all, states):
    with scope(acme):
        for email, status in (("u", "unsubscribed"), ("p", "pending"), ("b", "bounced"), ("s", "subscribed")):
            Contact.objects.create(email=f"{email}@x.example", status=status)
        Contact.objects.create(email="gone@x.example", status="subscribed", deleted_at=timezone.now())
        Contact.objects.create(email="listed@x.example", status="subscribed")
        suppression_list.suppress("email", "listed@x.example", "complained")
    batch = send_all(start(acme))
    assert states(batch) == {
        "u@x.example": ("skipped", "unsubscribed"),
        "p@x.example": ("skipped", "pending"),
        "b@x.example": ("skipped", "bounced"),
        "s@x.example": ("accepted", ""),
        "listed@x.example": ("skipped", "suppressed"),
    }
    check_sums(batch)


def test_an_unsubscribe_after_filling_is_seen_by_the_gate(acme, send_all, states):
    batch = start(acme, n=5)
    batching.fill(batch.pk)
    with scope(acme):
        person = Contact.objects.get(email="p2@example.com")
        ledger.withdraw(person, source=Consent.Source.ONE_CLICK)
        Contact.objects.filter(email="p3@example.com").update(deleted_at=timezone.now())
    batch = send_all(batch)
    assert states(batch)["p2@example.com"] == ("skipped", "unsubscribed")
    assert states(batch)["p3@example.com"] == ("skipped", "deleted")
    assert check_sums(batch)["accepted"] == 3


def test_filling_twice_changes_nothing(acme, send_all):
    batch = start(acme, n=30)
    batching.fill(batch.pk)
    with connections["owner"].cursor() as cursor:  # as if the worker had died before the cursor was written
        cursor.execute("UPDATE delivery_batch SET filled_at = NULL WHERE id = %s", [batch.pk])
    batching.fill(batch.pk)
    with scope(acme):
        assert Message.objects.filter(batch=batch).count() == 30
    assert check_sums(send_all(batch))["accepted"] == 30


def test_an_audience_of_nobody_finishes(acme, send_all):
    batch = start(acme, n=1)
    with scope(acme):
        Contact.objects.update(deleted_at=timezone.now())
    batch = send_all(batch)
    assert batch.state == Batch.State.FINISHED and check_sums(batch) == {}


@pytest.fixture
def filled(acme):
    batch = start(acme, n=50)
    batching.fill(batch.pk)
    return batch


def gate(lease, size=10):
    return pass_gate(lease, rules=factories.RULES, size=size)


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


def expire():
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET until = now() - interval '1 second' WHERE state = %s", [int(Lease.State.TAKEN)]
        )


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
    assert recovering.finish_if_done(filled.pk) is None, "so many failed that a person is asked"
    with scope(acme):
        batching.resume(filled)
    assert recovering.finish_if_done(filled.pk) == acme.pk


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


def test_a_server_that_is_down_costs_nobody_a_try(acme, send_all, states):
    batch = send_all(start(acme, n=3, port=9))  # nothing listens on the discard port
    with scope(acme):
        account = ProviderAccount.objects.get(provider="smtp")
        assert "refuses connections" in account.last_problem and account.retry_at > timezone.now()
        assert set(Message.objects.filter(batch=batch).values_list("state", "tries")) == {(0, 0)}
    check_sums(batch)


def test_it_goes_on_when_the_server_is_back(acme, mail_server, send_all):
    mailbox, port = mail_server
    batch = send_all(start(acme, n=3, port=9))
    with scope(acme):
        ProviderAccount.objects.filter(provider="smtp").update(
            options={"host": "127.0.0.1", "port": port, "security": "none", "user": ""}, retry_at=None
        )
    for _ in range(3):
        hurry(batch)
        batch = send_all(batch)
    assert mailbox.addresses() == ["p0@example.com", "p1@example.com", "p2@example.com"]
    assert batch.state == Batch.State.FINISHED
    with scope(acme):
        assert ProviderAccount.objects.get(provider="smtp").last_problem == ""
    check_sums(batch)


def test_a_template_that_can_not_be_filled_in_fails_its_message_only(acme, send_all, states):
    html = factories.HTML.replace(
        "</body>", '{% if first_name == "P1" %}{{ first_name | divided_by: 0 }}{% endif %}</body>'
    )
    batch = start(acme, n=1, html=html)
    with scope(acme):
        Contact.objects.create(email="later@x.example", first_name="P1", status="subscribed")
    batch = send_all(batch)
    assert states(batch) == {"p0@example.com": ("accepted", ""), "later@x.example": ("failed", "render")}


def run_lanes(n: int) -> None:
    """Lanes in threads, until none of them finds anything that is due."""

    def work():
        try:
            while lane.run(budget=20):
                pass
        finally:
            connections.close_all()

    lanes = [threading.Thread(target=work) for _ in range(n)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()


def test_many_lanes_at_once_send_each_message_once(acme, mail_server, settings, monkeypatch):
    """Four lanes in threads, each with its own connections, on one batch, with the product's limit between gate and
    call: on a busy machine messages are not in time, go back, and are sent once all the same."""
    settings.LEASE_SIZE = 20
    monkeypatch.setattr(lease_runner, "START_WITHIN", 0.9)
    mailbox, port = mail_server
    batch = start(acme, n=300, port=port)
    batching.fill(batch.pk)
    deadline = time.monotonic() + 120
    while Message.State.QUEUED in count_by_hand(batch):
        assert time.monotonic() < deadline, count_by_hand(batch)
        hurry(batch)
        run_lanes(4)
    assert mailbox.addresses() == sorted(f"p{i}@example.com" for i in range(300))
    assert check_sums(batch)["accepted"] == 300


def test_calls_stop_within_a_second_of_the_gate(filled, monkeypatch, acme):
    """A provider becomes slow: messages that have not started in time go back, so that the kill switch takes effect."""
    monkeypatch.setattr(lease_runner, "START_WITHIN", 2.0)
    monkeypatch.setattr(provider, "AT_ONCE", 1)
    real = provider.SandboxTransport._keep

    def slow(self, taken):
        """Until the others' time is over, however fast the machine is."""
        time.sleep(max(0.0, taken[0].latest - time.monotonic()) + 0.01)
        return real(self, taken)

    monkeypatch.setattr(provider.SandboxTransport, "_keep", slow)
    lane.run(budget=60)
    counted = count_by_hand(filled)
    assert counted[Message.State.ACCEPTED] == 1
    with scope(acme):
        waiting = Message.objects.filter(batch=filled, round=1, state=Message.State.QUEUED, tries=0)
        assert waiting.count() == 49


def test_a_small_workspace_is_not_held_up_by_a_large_one(acme, beta, settings):
    settings.LEASE_SIZE = 10
    large = start(acme, n=200)
    while not batching.fill(large.pk):
        pass
    assert leases.claim("w").workspace_id == acme.pk
    small = start(beta, n=20)
    batching.fill(small.pk)
    served = [leases.claim("w").workspace_id for _ in range(4)]
    assert served == [beta.pk, acme.pk, beta.pk, acme.pk]


def test_what_is_urgent_goes_before_campaigns(acme, beta, settings):
    settings.LEASE_SIZE = 10
    for workspace in (acme, beta):
        batch = start(workspace, n=30)
        batching.fill(batch.pk)
    leases.claim("w")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET urgent = true WHERE id = (SELECT max(id) FROM delivery_lease)")
        cursor.execute("SELECT max(id) FROM delivery_lease")
        urgent = cursor.fetchone()[0]
    assert leases.claim("w").id == urgent


def test_one_lane_works_on_several_accounts_at_a_time(acme, beta, mail_server, settings):
    """A server that hangs delays only its own campaign."""
    settings.SMTP_TIMEOUT = 120
    mailbox, port = mail_server
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stuck = start(acme, n=3, port=silent.getsockname()[1])
        quick = start(beta, n=40, port=port)
        for batch in (stuck, quick):
            batching.fill(batch.pk)
        working = threading.Thread(target=run_lanes, args=(1,))
        working.start()
        deadline = time.monotonic() + 60
        while len(mailbox.taken) < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        sent_meanwhile, still_hangs = len(mailbox.taken), working.is_alive()
    working.join()  # closed, the silent server lets go of its campaign
    assert sent_meanwhile == 40 and still_hangs
    assert count_by_hand(stuck) == {Message.State.QUEUED: 3}
