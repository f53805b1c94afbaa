"""What weeks of sending teach: mailboxes that refuse again and again, readers who stopped reading."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Suppression
from delivery import folding, hygiene
from delivery.models import Batch, Hit, Message, ProviderAccount, Tally
from kernel.tenancy import scope
from tests import factories

FULL = (Message.State.FAILED, "mailbox_full")
SENT = (Message.State.ACCEPTED, "")


def history(contact, *events):
    """Messages to one person: (days ago, (state, reason)), each of a batch of its own."""
    account = ProviderAccount.objects.first()
    for days, (state, reason) in events:
        at = timezone.now() - timedelta(days=days)
        batch = Batch.objects.create(
            name="B", content={}, account=account, created_at=at, expires_at=at + timedelta(days=1)
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
        ([(20, (Message.State.FAILED, "policy"))] * 3, False),
    ],
    ids=["three", "two", "one day", "too old", "delivered since", "delivered between", "delivered before", "not soft"],
)
def test_three_soft_bounces_without_a_delivery_suppress(acme, events, taken_down):
    with scope(acme):
        person, other = factories.contacts(2)
        history(person, *events)
    assert hygiene.suppress_repeated_soft_bounces() == int(taken_down)
    assert hygiene.suppress_repeated_soft_bounces() == 0, "the second time finds nothing new"
    with scope(acme):
        person.refresh_from_db()
        other.refresh_from_db()
        assert person.status == ("bounced" if taken_down else "subscribed") and other.status == "subscribed"
        assert Suppression.objects.filter(recipient=person.email).exists() == taken_down


def test_other_workspaces_are_left_alone(acme, beta):
    with scope(acme):
        history(factories.contacts(1)[0], (20, FULL), (10, FULL), (1, FULL))
    with scope(beta):
        factories.contacts(1)
    hygiene.suppress_repeated_soft_bounces()
    with scope(beta):
        assert Contact.objects.get().status == "subscribed" and not Suppression.objects.exists()


LONG_AGO = timedelta(days=500)


@pytest.mark.parametrize(
    "created, engaged, sent, inactive",
    [
        (500, None, 100, True),
        (500, 400, 100, True),
        (500, 100, 100, False),
        (100, None, 50, False),
        (500, None, 450, False),
        (500, None, None, False),
    ],
    ids=["never clicked", "clicked long ago", "clicked lately", "new", "not written to lately", "never written to"],
)
def test_who_stopped_reading_is_marked(acme, created, engaged, sent, inactive):
    now = timezone.now()
    with scope(acme):
        [person] = factories.contacts(1, created_at=now - timedelta(days=created))
        if engaged:
            Contact.objects.update(engaged_at=now - timedelta(days=engaged))
        if sent:
            history(person, (sent, SENT))
    assert hygiene.mark_inactive() == int(inactive)
    assert hygiene.mark_inactive() == 0
    with scope(acme):
        assert (Contact.objects.get().inactive_at is not None) == inactive


def test_a_workspace_may_switch_it_off(acme):
    with scope(acme):
        [person] = factories.contacts(1, created_at=timezone.now() - LONG_AGO)
        history(person, (100, SENT))
    acme.inactive_months = None
    acme.save()
    assert hygiene.mark_inactive() == 0


def test_a_click_wakes_an_open_does_not(acme):
    with scope(acme):
        people = factories.contacts(2, created_at=timezone.now() - LONG_AGO, inactive_at=timezone.now())
        for person, kind in zip(people, (Hit.Kind.CLICK, Hit.Kind.OPEN), strict=True):
            history(person, (1, SENT))
            Hit.objects.create(batch_id=Batch.objects.latest("id").pk, contact_id=person.pk, kind=kind)
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
            Hit.objects.create(batch_id=batch.pk, contact_id=person.pk, kind=Hit.Kind.OPEN)
            Hit.objects.create(batch_id=batch.pk, contact_id=person.pk, kind=Hit.Kind.OPEN)
    folding.fold()
    with scope(acme):
        assert Message.objects.get(contact=watched).opened_at is not None
        assert Message.objects.get(contact=refused).opened_at is None
        assert set(Hit.objects.values_list("contact_id", flat=True)) == {watched.pk}
        assert Tally.objects.filter(fact="opened").count() == 1
