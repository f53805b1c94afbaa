"""A message's reader says no, or comes back."""

from django.db import connection
from django.utils import timezone

from contacts import consent
from contacts.models import Consent, Contact
from delivery.batching import add_tallies
from delivery.models import Message


def unsubscribe(batch_id: int, contact_id: int, *, source: str, address: str | None) -> Contact | None:
    """Withdraw consent and note it on the message, in the active scope. Repeating it changes nothing."""
    contact = Contact.objects.select_for_update().filter(pk=contact_id, erased_at=None).first()
    if contact is None:
        return None
    consent.withdraw(contact, source=source, address=address)
    noted = Message.objects.filter(batch_id=batch_id, contact_id=contact_id, unsubscribed_at=None).update(
        unsubscribed_at=timezone.now()
    )
    if noted:
        with connection.cursor() as cursor:
            add_tallies(cursor, contact.workspace_id, batch_id, {("unsubscribed", ""): 1})
    return contact


def give_reason(contact_id: int, reason: str) -> None:
    latest = (
        Consent.objects.filter(contact_id=contact_id, contact__erased_at=None, state=Consent.State.WITHDRAWN)
        .order_by("-id")
        .first()
    )
    if latest is not None and not latest.reason:
        # Consent rows are append-only, so the reason comes as a row of its own.
        Consent.objects.create(
            contact_id=contact_id, state=Consent.State.WITHDRAWN, source=Consent.Source.PAGE, reason=reason[:200]
        )


def come_back(contact_id: int, *, wording: str, address: str | None) -> None:
    contact = Contact.objects.select_for_update().filter(pk=contact_id, erased_at=None).first()
    if contact is not None and contact.status == Contact.Status.UNSUBSCRIBED:
        consent.grant(contact, source=Consent.Source.PAGE, wording=wording, address=address)
