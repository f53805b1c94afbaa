"""List hygiene: mailboxes that refuse again and again, clicks that end inactivity, and refused open tracking."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Suppression
from delivery import folding, list_hygiene
from delivery.models import Batch, Hit, IncomingHit, Message, ProviderAccount, Tally
from delivery.sending import settling
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import hurry, start

LONG_AGO = timedelta(days=500)
FULL = (Message.State.FAILED, "mailbox_full")
OFF = (Message.State.FAILED, "mailbox_off")
SENT = (Message.State.ACCEPTED, "")


def history(contact, *events, purpose="marketing"):
    """Create messages to one person from events (days ago, (state, reason)), each in a batch of its own."""
    account = ProviderAccount.objects.first()
    for days, (state, reason) in events:
        at = timezone.now() - timedelta(days=days)
        batch = Batch.objects.create(
            name="B",
            account=account,
            purpose=purpose,
            created_at=at,
            expires_at=at + timedelta(days=1),
        )
        Message.objects.create(batch=batch, contact=contact, state=state, reason=reason, settled_at=at)
        if state == Message.State.FAILED:
            Tally.objects.create(batch=batch, fact="failed", reason=reason, n=1)


@pytest.mark.parametrize(
    "events, taken_down",
    [
        ([(20, FULL), (10, FULL), (1, FULL)], True),
        ([(20, FULL), (10, FULL)], False),
        ([(1, FULL), (1, FULL), (1, FULL)], False),
        ([(45, FULL), (10, FULL), (1, FULL)], False),
        ([(20, FULL), (10, FULL), (1, FULL), (0, SENT)], False),
        ([(20, FULL), (15, SENT), (10, FULL), (1, FULL)], False),
        ([(25, SENT), (20, FULL), (10, FULL), (1, FULL)], True),
        ([(days, OFF) for days in (20, 10, 1)], True),
        ([(days, (Message.State.FAILED, "policy")) for days in (20, 10, 1)], False),
        ([(days, (Message.State.FAILED, "gave_up")) for days in (20, 10, 1)], False),
        ([(20, FULL), (10, FULL), (1, (Message.State.FAILED, "gave_up"))], False),
    ],
    ids=[
        "three",
        "two",
        "one day",
        "too old",
        "delivered since",
        "delivered between",
        "delivered before",
        "off",
        "policy",
        "gave up",
        "gave up once",
    ],
)
def test_three_soft_bounces_without_a_delivery_suppress(acme, events, taken_down):
    with scope(acme):
        person, other = factories.contacts(2)
        history(person, *events)
    assert list_hygiene.suppress_repeated_soft_bounces(acme.pk) == int(taken_down)
    assert list_hygiene.suppress_repeated_soft_bounces(acme.pk) == 0, "the second time finds nothing new"
    with scope(acme):
        person.refresh_from_db()
        other.refresh_from_db()
        assert person.status == ("bounced" if taken_down else "subscribed") and other.status == "subscribed"
        assert Suppression.objects.filter(recipient=person.email).exists() == taken_down


@pytest.mark.parametrize("purpose", ["service", "test"])
def test_a_mailbox_is_full_whatever_the_purpose(acme, purpose):
    with scope(acme):
        people = factories.contacts(2)
        history(people[0], (20, FULL), (10, FULL), (1, FULL), purpose=purpose)
        gave_up = (Message.State.FAILED, "gave_up")
        history(people[1], (20, gave_up), (10, gave_up), (1, gave_up), purpose=purpose)
    assert list_hygiene.suppress_repeated_soft_bounces(acme.pk) == 1


def test_a_mailbox_that_was_full_to_the_end_says_so(acme, mail_server, send_all, states):
    """Other refusals end as "gave_up", because the sender may be the reason."""
    mailbox, port = mail_server
    mailbox.at_rcpt["news@acme.example"] = "452 4.2.2 Over quota"
    batch = send_all(start(acme, n=1, port=port))
    for _ in range(settling.MAX_TRIES):
        hurry(batch)
        batch = send_all(batch)
    assert states(batch) == {"p0@example.com": ("failed", "mailbox_full")} and batch.finished_at


def test_other_workspaces_are_left_alone(acme, beta):
    with scope(acme):
        history(factories.contacts(1)[0], (20, FULL), (10, FULL), (1, FULL))
    with scope(beta):
        factories.contacts(1)
    assert list_hygiene.suppress_repeated_soft_bounces(beta.pk) == 0
    assert list_hygiene.suppress_repeated_soft_bounces(acme.pk) == 1
    with scope(beta):
        assert Contact.objects.get().status == "subscribed" and not Suppression.objects.exists()


def test_a_click_wakes_an_open_does_not(acme):
    with scope(acme):
        people = factories.contacts(2, created_at=timezone.now() - LONG_AGO, inactive_at=timezone.now())
        for person, kind in zip(people, (Hit.Kind.CLICK, Hit.Kind.OPEN), strict=True):
            history(person, (1, SENT))
            IncomingHit.objects.create(batch_id=Batch.objects.latest("id").pk, contact_id=person.pk, kind=kind)
    folding.fold()
    with scope(acme):
        clicked, opened = (Contact.objects.get(pk=person.pk) for person in people)
    assert clicked.inactive_at is None and clicked.engaged_at is not None
    assert opened.inactive_at is not None and opened.engaged_at is None


def test_who_refused_open_tracking_leaves_no_trace_of_opening(acme):
    with scope(acme):
        watched, refused = factories.contacts(2)
        Contact.objects.filter(pk=refused.pk).update(tracking_status="unsubscribed")
        for person in (watched, refused):
            history(person, (1, SENT))
            batch = Batch.objects.latest("id")
            IncomingHit.objects.create(batch_id=batch.pk, contact_id=person.pk, kind=Hit.Kind.OPEN)
            IncomingHit.objects.create(batch_id=batch.pk, contact_id=person.pk, kind=Hit.Kind.OPEN)
    folding.fold()
    with scope(acme):
        assert Message.objects.get(contact=watched).opened_at is not None
        assert Message.objects.get(contact=refused).opened_at is None
        assert set(Hit.objects.values_list("contact_id", flat=True)) == {watched.pk}
        assert not IncomingHit.objects.exists()
        assert Tally.objects.filter(fact="opened").count() == 1
