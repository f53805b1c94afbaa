"""A sender that the mail server refuses permanently: the batch is held with the reason, no message fails, and when it
is fixed and resumed everybody gets the message once."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Notification
from billing.models import Quota
from campaigns import sending
from campaigns.models import Campaign
from contacts.models import Contact
from contacts.segments.audience import Audience
from delivery import batching
from delivery.channels.base import Outcome, Result
from delivery.channels.email.composing import Content
from delivery.models import Batch, Message, ProviderAccount, Sender
from delivery.send_tests import send_test
from delivery.sending import lane, lease_runner, leases, recovering, sender_refusals, settling
from delivery.sending.gate import Closed
from kernel.tenancy import scope
from tests import factories
from tests.delivery import smtp
from tests.delivery.batches import check_sums, hurry, start

NOT_OWNED = "553 5.7.1 <{sender}>: Sender address rejected: not owned by user bob"
UNKNOWN_DOMAIN = "550 5.1.8 Sender's domain does not exist"
UNCLEAR = "554 5.7.1 Access denied"


@pytest.fixture(params=[False, True], ids=["lock-step", "pipelined"])
def server(request):
    with smtp.serving(smtp.Mailbox(pipelines=request.param)) as (mailbox, port):
        yield mailbox, port


def sender_of(batch) -> str:
    return batch.parameters["from_email"]


def rows(batch) -> set:
    with scope(batch.workspace_id):
        return set(Message.objects.filter(batch=batch).values_list("state", "tries"))


@pytest.fixture
def fix_sender(send_all, run_jobs):
    """What the merchant does: fix the sender at the provider, and resume by the page's button."""

    def run(batch, mailbox) -> Batch:
        run_jobs()
        mailbox.at_mail = mailbox.at_rcpt = {}
        resume(batch)
        for _ in range(2):
            hurry(batch)
            batch = send_all(batch)
        return batch

    return run


def resume(batch) -> None:
    with scope(batch.workspace_id):
        assert sending.resume(Campaign.objects.get(parts__batch=batch).pk).state == Campaign.State.SENDING


def check_everybody_once(batch, mailbox, n: int) -> None:
    assert batch.state == Batch.State.FINISHED and batch.problem == ""
    assert check_sums(batch)["accepted"] == n
    assert mailbox.addresses() == sorted(f"p{i}@example.com" for i in range(n))


def test_the_campaign_waits_and_says_why(acme, alice, server, send_all, run_jobs, fix_sender):
    mailbox, port = server
    batch = start(acme, n=300, port=port, created_by=alice)
    with scope(acme):
        now = timezone.now()
        Quota.objects.create(most=1000, starts_at=now - timedelta(1), ends_at=now + timedelta(1))
    mailbox.at_mail[sender_of(batch)] = UNKNOWN_DOMAIN
    batch = send_all(batch)
    run_jobs()
    assert rows(batch) == {(Message.State.QUEUED, 0)}
    assert len(mailbox.senders) < 60 and not mailbox.taken, "messages that had not left yet are not tried"
    assert batch.problem.endswith("“550 5.1.8 Sender's domain does not exist”")
    assert sender_of(batch) in batch.problem and "“SMTP”" in batch.problem and "then resume" in batch.problem
    with scope(acme):
        assert Campaign.objects.get().state == Campaign.State.PAUSED
        assert [notice.body for notice in Notification.objects.filter(user=alice)] == [batch.problem]
        assert Quota.objects.get().used == 0
        assert not Contact.objects.exclude(status="subscribed").exists()
        assert ProviderAccount.objects.get(provider="smtp").last_problem == ""
    check_everybody_once(fix_sender(batch, mailbox), mailbox, 300)
    with scope(acme):
        assert Quota.objects.get().used == 300


def test_nobody_else_of_a_stretch_is_tried(acme, server, send_all):
    mailbox, port = server
    with scope(acme):
        factories.smtp_account(port, connections=1)
    batch = start(acme, n=600)
    real = mailbox.handle_DATA

    async def handle_DATA(server, session, envelope):
        if len(mailbox.taken) == 300:
            mailbox.at_mail[sender_of(batch)] = UNKNOWN_DOMAIN
        return await real(server, session, envelope)

    mailbox.handle_DATA = handle_DATA
    batch = send_all(batch)
    assert batch.is_paused and len(mailbox.senders) - len(mailbox.taken) <= 2


def test_few_at_a_time_are_counted_over_lanes(acme, server, send_all, monkeypatch):
    """During a warm-up, a lane sends one or two messages."""
    mailbox, port = server
    batch = start(acme, n=200, port=port)
    mailbox.at_mail[sender_of(batch)] = UNCLEAR
    batching.fill(batch.pk)
    monkeypatch.setattr(lease_runner.LeaseRunner, "_feed", one_only)
    lanes = 0
    while not batch.is_paused and lanes < 50:
        hurry(batch)
        lane.run(budget=60)
        lanes += 1
        with scope(acme):
            batch.refresh_from_db()
    assert lanes == len(mailbox.senders) == sender_refusals.MAX_IN_A_ROW
    assert rows(batch) == {(Message.State.QUEUED, 0)}


async def one_only(self) -> str:
    """One person, then the limit is used up."""
    people = await self._pass(1)
    if isinstance(people, Closed):
        return people
    self._open, self._lane.in_doubt = 1, self._lane.in_doubt + 1
    self._account_lane.outbox.put(lease_runner._SubBatch(self, time.monotonic() + 60), people)
    self._lane._deadline = 0
    return "later"


def test_other_campaigns_of_the_account_go_on(acme, server, send_all):
    mailbox, port = server
    refused = start(acme, n=40, port=port)
    with scope(acme):
        other = Sender.objects.create(name="Other", email="other@acme.example")
        fine = sending.start(factories.campaign(sender=other).pk).first_batch
    mailbox.at_mail[sender_of(refused)] = UNKNOWN_DOMAIN
    batching.fill(fine.pk)
    send_all(refused)
    assert check_sums(fine)["accepted"] == 40 and rows(refused) == {(Message.State.QUEUED, 0)}
    with scope(acme):
        fine.refresh_from_db()
    assert not fine.is_paused


def test_a_server_that_says_it_of_the_recipients_is_held_as_well(acme, server, send_all, fix_sender):
    """Postfix checks the sender when it gets the recipient."""
    mailbox, port = server
    batch = start(acme, n=100, port=port)
    mailbox.at_rcpt[sender_of(batch)] = NOT_OWNED.format(sender=sender_of(batch))
    batch = send_all(batch)
    assert "not owned by user bob" in batch.problem and rows(batch) == {(Message.State.QUEUED, 0)}
    assert sender_refusals.MAX_IN_A_ROW <= len(mailbox.seen) < 90
    check_everybody_once(fix_sender(batch, mailbox), mailbox, 100)


@pytest.mark.parametrize("n", [1, 7, 100])
def test_an_unclear_refusal_is_counted(acme, server, send_all, fix_sender, n):
    mailbox, port = server
    batch = start(acme, n=n, port=port)
    mailbox.at_mail[sender_of(batch)] = UNCLEAR
    batch = send_all(batch)
    assert "554 5.7.1 Access denied" in batch.problem and rows(batch) == {(Message.State.QUEUED, 0)}
    check_everybody_once(fix_sender(batch, mailbox), mailbox, n)


class Moody(smtp.Mailbox):
    """Accepts a MAIL FROM if `takes` says so for its number, from 1 on."""

    def __init__(self, takes):
        super().__init__()
        self._takes = takes

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.senders.append(address)
        if not self._takes(len(self.senders)):
            return UNCLEAR
        envelope.mail_from = address
        return "250 OK"


def test_one_acceptance_in_between_begins_the_count_anew(acme, send_all):
    with smtp.serving(Moody(lambda n: n % sender_refusals.MAX_IN_A_ROW == 0)) as (mailbox, port):
        with scope(acme):
            factories.smtp_account(port, connections=1)
        batch = send_all(start(acme, n=100))
        assert not batch.is_paused and len(mailbox.taken) == 5
    # Before the first acceptance no try is counted; after it, a refusal counts as a try of its message.
    with scope(acme):
        charged = Message.objects.filter(batch=batch, state=Message.State.QUEUED, tries=1).count()
    assert charged == 76


def test_an_exception_ends(acme, send_all, states):
    """If the server refuses a few messages and accepts all others, the refused ones end at some point."""
    with smtp.serving(Moody(lambda n: n > 1 and n < 11)) as (mailbox, port):
        with scope(acme):
            factories.smtp_account(port, connections=1)
        batch = send_all(start(acme, n=10))
        for _ in range(settling.MAX_TRIES + 1):
            hurry(batch)
            batch = send_all(batch)
        assert batch.state == Batch.State.FINISHED and not batch.is_paused
        assert sorted(states(batch).values()) == [("accepted", "")] * 9 + [("failed", "gave_up")]
        assert len(mailbox.senders) == 10 + settling.MAX_TRIES


def test_a_test_fails_and_a_service_mail_tries_again(acme, server, send_all, states):
    """They are batches of one, which no page could resume."""
    mailbox, port = server
    with scope(acme):
        account, sender = factories.smtp_account(port), Sender.objects.first()
        template = factories.campaign().template
        mailbox.at_mail[sender.email] = UNKNOWN_DOMAIN
        test = send_test(
            name="T", subject="S", template=template, sender=sender, account=account, to="a@x.example", workspace=acme
        )
        person = Contact.objects.create(email="b@x.example", status="pending")
        service = batching.open_batch(
            name="N",
            content=Content(subject="S", html="<p>S</p>", text="S", from_name="N", from_email=sender.email),
            account=account,
            audience=Audience(contact_ids=(person.pk,)),
            purpose=Batch.Purpose.SERVICE,
        )
    send_all(test)
    with scope(acme):
        message = Message.objects.get(batch=test)
        assert (message.state, message.reason) == (Message.State.FAILED, "sender")
    assert states(send_all(service)) == {"b@x.example": ("queued", "sender")}
    mailbox.at_mail = {}
    hurry(service)
    assert states(send_all(service)) == {"b@x.example": ("accepted", "")}


def test_a_cancelled_campaign_is_not_held(acme, server, send_all):
    batch = start(acme, n=5, port=server[1])
    with scope(acme):
        batching.cancel(batch)
    batching.hold(batch.pk, "too late")
    batch = send_all(batch)
    assert batch.problem == "" and batch.state == Batch.State.CANCELLED


def test_it_is_held_and_announced_or_neither(acme, alice, server, monkeypatch):
    """One transaction: if only the batch were paused, nobody could resume the campaign."""
    batch = start(acme, n=5, port=server[1], created_by=alice)
    monkeypatch.setattr(batching, "publish", lambda event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batching.hold(batch.pk, "why")
    with scope(acme):
        batch.refresh_from_db()
    assert not batch.is_paused and batch.problem == ""


def refused(words: str) -> Outcome:
    return Outcome(Result.SENDER, "sender", words)


def test_the_sentence_has_room_for_what_to_do():
    long = sender_refusals.sentence("a" * 60 + "@" + "b" * 60 + ".example", "c" * 80, refused("550 " + "d" * 300))
    assert len(long) <= sender_refusals.MAX_PROBLEM_LENGTH and "then resume" in long
    short = sender_refusals.sentence("a@x.example", "Acme", refused("550 5.1.8 No"))
    assert short.endswith("“550 5.1.8 No”")


# --- many lanes, and a sender that is taken away in the middle


def run_lanes(n: int) -> list[threading.Thread]:
    def work():
        try:
            while lane.run(budget=20):
                pass
        finally:
            connections.close_all()

    lanes = [threading.Thread(target=work) for _ in range(n)]
    for thread in lanes:
        thread.start()
    return lanes


def wait_for_pause(batch) -> None:
    """The lanes end where no lease is due, which can be before enough messages were refused."""
    for _ in range(10):
        with scope(batch.workspace_id):
            batch.refresh_from_db()
        if batch.is_paused:
            return
        hurry(batch)
        for thread in run_lanes(4):
            thread.join()
    pytest.fail("the batch goes on")


@pytest.mark.parametrize("stage", ["at_mail", "at_rcpt"])
def test_taken_away_again_and_again_under_many_lanes(acme, alice, server, settings, run_jobs, monkeypatch, stage):
    """Everybody gets it once, however often the sender is refused and fixed, and no message fails."""
    settings.LEASE_SIZE = 60
    monkeypatch.setattr(leases, "backoff", lambda tries: 0.0)
    mailbox, port = server
    batch = start(acme, n=600, port=port, created_by=alice)
    batching.fill(batch.pk)
    words = NOT_OWNED.format(sender=sender_of(batch))
    for cut in (0, 100, 300):
        lanes = run_lanes(4)
        deadline = time.monotonic() + 60
        while len(mailbox.taken) < cut and time.monotonic() < deadline:
            time.sleep(0.005)
        setattr(mailbox, stage, {sender_of(batch): words})
        for thread in lanes:
            thread.join()
        wait_for_pause(batch)
        assert "not owned" in batch.problem
        assert not check_sums(batch).get("failed")
        run_jobs()
        setattr(mailbox, stage, {})
        resume(batch)
    for _ in range(10):
        for thread in run_lanes(4):
            thread.join()
        hurry(batch)
    recovering.finish_if_done(batch.pk)
    with scope(acme):
        batch.refresh_from_db()
        assert Notification.objects.filter(user=alice, title__contains="paused").count() == 3, "told once each time"
    check_everybody_once(batch, mailbox, 600)
