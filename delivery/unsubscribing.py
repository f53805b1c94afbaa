"""A message's reader unsubscribes, gives a reason, or subscribes again."""

from django.db import connection
from django.utils import timezone

from contacts.consent import ledger, preferences
from contacts.models import Consent, Contact
from delivery import day_facts, registry, tallies
from delivery.channels.channel import Channel
from delivery.day_facts import Change
from delivery.models import Batch, Message


def reader(contact_id: int) -> Contact | None:
    """The contact to whom a message was sent; also one in the trash, because it may be restored."""
    return preferences.person(contact_id, even_deleted=True)


def channel_of(batch_id: int) -> Channel:
    """The channel of a message, and so what its reader can end with it."""
    found = Batch.objects.filter(pk=batch_id).values_list("channel", flat=True).first()
    return registry.channel(found or registry.FIRST)


def unsubscribe(batch_id: int, contact_id: int, *, source: str, address: str | None) -> Contact | None:
    """Withdraw consent and record it on the message, in the active scope. Can be repeated. Returns the contact, if
    there still is one."""
    contact = reader(contact_id)
    if contact is None:
        return None
    channel_of(batch_id).opt_out(contact, source=source, address=address)
    noted = Message.objects.filter(batch_id=batch_id, contact_id=contact_id, unsubscribed_at=None).update(
        unsubscribed_at=timezone.now()
    )
    if noted:
        with connection.cursor() as cursor:
            tallies.add(cursor, contact.workspace_id, batch_id, {("unsubscribed", ""): 1})
            day_facts.add(cursor, contact.workspace_id, batch_id, [Change(contact_id, "unsubscribed")])
    return contact


def give_reason(batch_id: int, contact_id: int, reason: str) -> None:
    """Keep why the person left the message's channel, once. An empty reason is none."""
    contact = reader(contact_id)
    if contact is None or not reason.strip():
        return
    channel = channel_of(batch_id).slug
    withdrawn = Consent.objects.filter(contact=contact, channel=channel, state=Consent.State.WITHDRAWN)
    latest = withdrawn.order_by("-id").first()
    if latest is not None and not latest.reason:
        # Consent rows are append-only, so the reason comes as a row of its own.
        Consent.objects.create(
            contact=contact,
            channel=channel,
            state=Consent.State.WITHDRAWN,
            source=Consent.Source.PAGE,
            reason=reason[:200],
        )


def come_back(batch_id: int, contact_id: int, *, wording: str, address: str | None) -> bool:
    """Subscribe again to the message's channel. False where that can't be, also because it was done a moment ago."""
    contact = reader(contact_id)
    channel = channel_of(batch_id)
    if contact is None or channel.status_of(contact) != Contact.Status.UNSUBSCRIBED:
        return False
    return ledger.grant(contact, channel=channel.slug, source=Consent.Source.PAGE, wording=wording, address=address)
