"""The send engine with a real SMTP server: every message ends once, and the server's answer decides how."""

from django.db import connections
from django.utils import timezone

from contacts.consent import ledger, suppression_list
from contacts.models import Consent, Contact, Suppression
from delivery import batching
from delivery.models import Batch, Message, ProviderAccount
from delivery.sending import leases, settling
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import check_sums, hurry, start


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
