"""Nothing leaves later than so many seconds after the gate was asked, whatever a lane, its database or the network waits
for in between: somebody may have said no meanwhile, or staff may have used the kill switch."""

import asyncio
import threading
import time
from datetime import timedelta

import uvloop
from django.db import connections, transaction
from django.utils import timezone

from billing.models import Quota
from contacts.consent import ledger
from contacts.models import Consent, Contact
from delivery.channels.base import NOT_IN_TIME, Outbox, Outcome, Result
from delivery.channels.email.outgoing import Email
from delivery.models import Message
from delivery.providers.smtp import session as sessions
from delivery.providers.smtp import transport as transports
from delivery.providers.thread_transport import ThreadTransport
from delivery.sending import lane, lease_runner
from kernel.tenancy import scope
from tests.delivery.batches import count_by_hand
from tests.delivery.smtp import Mailbox, serving
from tests.delivery.test_smtp_faults import MessageSource as SmtpSource

GIVE_UP = 60  # seconds


def wait_until(is_so) -> None:
    deadline = time.monotonic() + GIVE_UP
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def a_gate_waits() -> bool:
    with connections["engine"].cursor() as cursor:  # a role sees what its own connections ask
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%sub_batch AS MAT%'"
        )
        return cursor.fetchone()[0] > 0


def run_lane() -> None:
    try:
        lane.run(budget=0.5)
    finally:
        connections.close_all()


def test_a_gate_that_waits_for_a_lock_lets_nobody_through_with_what_it_knew_before(filled, acme, monkeypatch):
    """Its statement sees people as they were when it began. A lane that is frozen with rows locked holds it up."""
    monkeypatch.setattr(lease_runner, "START_WITHIN", 0.9)
    now = timezone.now()
    with scope(acme):
        quota = Quota.objects.create(most=1000, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1))
        first = Contact.objects.order_by("pk").first()
    worker = threading.Thread(target=run_lane)
    with transaction.atomic("engine"):
        with connections["engine"].cursor() as cursor:
            cursor.execute("SELECT FROM billing_quota WHERE id = %s FOR UPDATE", [quota.pk])
        worker.start()
        wait_until(a_gate_waits)
        with scope(acme):
            ledger.withdraw(first, source=Consent.Source.ONE_CLICK)
        time.sleep(lease_runner.START_WITHIN)
    worker.join()
    with scope(acme):
        assert Message.objects.get(batch=filled, contact=first).state != Message.State.ACCEPTED
    assert Message.State.UNKNOWN not in count_by_hand(filled)


class SlowSource(SmtpSource):
    """The second message takes until the first one's time is over."""

    def make(self, outgoing):
        if outgoing.contact_id == 1:
            time.sleep(max(0.0, self.until - time.monotonic()) + 0.01)
        return super().make(outgoing)


def send_by_smtp(port: int, source: SmtpSource, letters: list[Email]) -> dict:
    async def run():
        outbox = Outbox()
        options = {"host": "127.0.0.1", "port": port, "security": "none", "user": "", "connections": 1}
        transport = transports.SmtpTransport(outbox, options, {})
        outbox.put(source, letters)
        async with asyncio.timeout(GIVE_UP):
            while len(source.outcomes) < len(letters):
                await asyncio.sleep(0.005)
        await transport.close()
        return source.outcomes

    return uvloop.run(run())


def letter(n: int, latest: float) -> Email:
    return Email(n, "a@x.example", f"p{n}@x.example", "S", b"Subject: S\r\n\r\nHello\r\n", latest=latest)


def test_a_mail_does_not_wait_for_the_next_one_to_be_made():
    source = SlowSource()
    source.until = time.monotonic() + 2
    with serving(Mailbox(pipelines=True)) as (mailbox, port):
        outcomes = send_by_smtp(port, source, [letter(0, source.until), letter(1, source.until + GIVE_UP)])
    assert outcomes[0] == NOT_IN_TIME and outcomes[1].result is Result.NOT_STARTED
    assert mailbox.addresses() == []


def test_a_mail_leaves_before_the_loop_does_anything_else(monkeypatch):
    """The loop is held up right after the write, as by a process that is frozen there. uvloop hands what is written to
    the system at once; one that kept it until the next round would send it after any delay."""
    begin_body = sessions.Session._begin_body
    arrived = []

    def begin_and_block(self, outgoing):
        begin_body(self, outgoing)
        wait_until(mailbox.addresses)
        arrived.append(outgoing.contact_id)

    monkeypatch.setattr(sessions.Session, "_begin_body", begin_and_block)
    with serving(Mailbox(pipelines=True)) as (mailbox, port):
        outcomes = send_by_smtp(port, SmtpSource(), [letter(0, time.monotonic() + GIVE_UP)])
    assert outcomes[0].result is Result.ACCEPTED and arrived == [0]


def test_a_thread_that_got_its_connection_too_late_sends_nothing():
    sent = []

    class SlowConnection:
        def __init__(self):
            time.sleep(max(0.0, late.latest - time.monotonic()) + 0.01)

        def send(self, outgoing):
            sent.append(outgoing.contact_id)
            return Outcome(Result.ACCEPTED)

        def close(self):
            pass

    async def run():
        outbox, source = Outbox(), SmtpSource()
        transport = ThreadTransport(outbox, SlowConnection, 1)
        outbox.put(source, [late, letter(1, time.monotonic() + GIVE_UP)])
        async with asyncio.timeout(GIVE_UP):
            while len(source.outcomes) < 2:
                await asyncio.sleep(0.005)
        await transport.close()
        return source.outcomes

    late = letter(0, time.monotonic() + 1)
    outcomes = asyncio.run(run())
    assert outcomes == {0: NOT_IN_TIME, 1: Outcome(Result.ACCEPTED)} and sent == [1]
