"""A refusal of the sender or of the account burns no campaign: it is held, or it waits, with the server's words."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Notification
from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching
from delivery.models import Batch, Message, ProviderAccount
from delivery.sending import circuit_breakers, mass_refusals, recovering
from kernel.tenancy import scope
from tests.delivery import smtp
from tests.delivery.batches import check_sums, hurry, start

BLOCKED = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
DENIED = "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"
HELO = "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"
DAILY = "550 5.4.5 Daily user sending quota exceeded."


class Strict(smtp.Mailbox):
    """Accepts `most` messages and refuses the others, at RCPT or after the body."""

    def __init__(self, reply: str, *, at: str, most: int = 0):
        super().__init__()
        self.reply, self.at, self.most, self.let_in = reply, at, most, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.at == "rcpt" and self.let_in >= self.most:
            self.seen.append(address)
            return self.reply
        self.let_in += 1
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        if self.at == "data" and len(self.taken) >= self.most:
            return self.reply
        return await super().handle_DATA(server, session, envelope)


def account_of(batch) -> ProviderAccount:
    with scope(batch.workspace_id):
        return ProviderAccount.objects.get(pk=batch.account_id)


def ready(batch) -> None:
    """As if the time had come to try again."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("UPDATE delivery_provideraccount SET retry_at = now()")
    hurry(batch)


def check_nobody_failed(batch) -> None:
    with scope(batch.workspace_id):
        assert set(Message.objects.filter(batch=batch).values_list("state", flat=True)) <= {0, 1}
        assert not Contact.objects.exclude(status="subscribed").exists()


@pytest.mark.parametrize("at", ["rcpt", "data"])
@pytest.mark.parametrize("reply", [BLOCKED, DENIED, HELO])
def test_a_refused_account_holds_batch_and_account(acme, alice, send_all, run_jobs, as_user, reply, at):
    with smtp.serving(Strict(reply, at=at)) as (mailbox, port):
        batch = send_all(start(acme, n=40, port=port, created_by=alice))
        run_jobs()
        check_nobody_failed(batch)
        account = account_of(batch)
        assert batch.is_paused and reply[:40] in batch.problem and reply[:40] in account.last_problem
        assert account.retry_at > timezone.now()
        with scope(acme):
            campaign = Campaign.objects.get()
            assert campaign.state == Campaign.State.PAUSED
            assert Notification.objects.filter(user=alice, body=batch.problem).count() == 1
        mailbox.most = 1000
        as_user(alice).post(f"/w/acme/campaigns/{campaign.pk}/resume/")
        for _ in range(2):
            hurry(batch)
            batch = send_all(batch)
        assert check_sums(batch)["accepted"] == 40 and account_of(batch).last_problem == ""


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_daily_quota_waits_and_says_until_when(acme, alice, send_all, as_user, at):
    with smtp.serving(Strict(DAILY, at=at, most=10)) as (mailbox, port):
        batch = send_all(start(acme, n=40, port=port, created_by=alice))
        check_nobody_failed(batch)
        account, now = account_of(batch), timezone.now()
        assert not batch.is_paused and check_sums(batch)["accepted"] == 10
        assert account.last_problem == DAILY and account.failures == 0
        assert now + timedelta(minutes=50) < account.retry_at < now + timedelta(minutes=70)
        assert now + timedelta(hours=23) < account.limit_ends_at < now + timedelta(hours=25)
        with scope(acme):
            pk = Campaign.objects.get().pk
        for path in (f"/w/acme/campaigns/{pk}/", f"/w/acme/sending/accounts/{account.pk}/"):
            page = as_user(alice).get(path).content.decode()
            assert "reached a sending limit" in page and account.limit_ends_at.isoformat() in page and DAILY in page
        ready(batch)
        batch = send_all(batch)
        assert account_of(batch).limit_ends_at == account.limit_ends_at, "the end is that of the first refusal"
        check_nobody_failed(batch)
        mailbox.most = 1000
        for _ in range(8):
            ready(batch)
            batch = send_all(batch)
        assert check_sums(batch)["accepted"] == 40 and batch.state == Batch.State.FINISHED
        account = account_of(batch)
        assert (account.last_problem, account.limit_ends_at) == ("", None)


@pytest.mark.parametrize("limit, wait", [(60, 60), (3600, 900), (86400, 3600)])
def test_how_often_a_limit_is_tried(limit, wait):
    assert circuit_breakers._next_try(limit) == wait


@pytest.mark.parametrize(
    "reply", ["550 5.1.0 <news@acme.example> sender rejected", "550 5.2.0 DMARC validation failed"]
)
def test_a_refused_sender_marks_nobody(acme, send_all, reply):
    with smtp.serving(Strict(reply, at="rcpt")) as (_, port):
        batch = send_all(start(acme, n=40, port=port))
    check_nobody_failed(batch)
    assert batch.is_paused and reply in batch.problem


# --- many that fail for one reason


@pytest.fixture
def refused(acme, alice, send_all, run_jobs):
    """A campaign of 90 people, of whom 40 are refused for words that say nothing."""
    with smtp.serving() as (_, port):
        emails = [f"policy{n}@x.example" for n in range(40)] + [f"p{n}@x.example" for n in range(50)]
        batch = send_all(start(acme, emails, port=port, created_by=alice))
        run_jobs()
        yield batch


def test_a_third_that_fails_for_one_reason_asks_for_a_decision(acme, alice, refused, as_user, run_jobs, send_all):
    batch = refused
    assert batch.is_paused and batch.decision == "policy" and batch.state != Batch.State.FINISHED
    assert "554 5.7.1 Message looks like spam" in batch.problem
    with scope(acme):
        campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.PAUSED
    page = as_user(alice).get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()
    assert "Continue anyway" in page and "Stop here" in page and "needs your decision" in page
    as_user(alice).post(f"/w/acme/campaigns/{campaign.pk}/resume/")
    hurry(batch)
    batch = send_all(batch)
    run_jobs()
    assert batch.state == Batch.State.FINISHED, "decided once, it is not asked again"
    assert check_sums(batch)["accepted"] == 50
    with scope(acme):
        assert Campaign.objects.get().state == Campaign.State.SENT


def test_it_may_be_stopped_instead(acme, alice, refused, as_user, send_all):
    with scope(acme):
        pk = Campaign.objects.get().pk
    as_user(alice).post(f"/w/acme/campaigns/{pk}/cancel/")
    batch = send_all(refused)
    assert batch.state == Batch.State.CANCELLED and batch.decision == "" and not batch.is_paused


def test_a_batch_whose_messages_have_all_ended_waits_as_well(acme, refused):
    with scope(acme):
        Batch.objects.filter(pk=refused.pk).update(is_paused=False, problem="", decision="")
        Message.objects.filter(batch=refused, state=0).update(state=1)
    with connections["engine"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET state = 2 WHERE batch_id = %s", [refused.pk])
        cursor.execute("UPDATE delivery_tally SET n = 50 WHERE batch_id = %s AND fact = 'accepted'", [refused.pk])
    assert not recovering.finish_if_done(refused.pk)
    with scope(acme):
        refused.refresh_from_db()
        assert refused.decision == "policy" and refused.finished_at is None
        batching.resume(refused)
    assert recovering.finish_if_done(refused.pk)


def test_a_few_failures_are_no_reason_to_ask(acme, mail_server, send_all):
    emails = [f"policy{n}@x.example" for n in range(mass_refusals.MIN_REFUSED - 1)]
    batch = send_all(start(acme, emails, port=mail_server[1]))
    assert batch.state == Batch.State.FINISHED and not batch.problem
