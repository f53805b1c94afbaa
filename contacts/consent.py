"""May we write to this person? Granting, withdrawing, suppressing: always with a row that proves it."""

from django.utils import timezone

from contacts.models import Consent, Contact, Suppression


def grant(contact: Contact, *, source: str, wording: str, actor=None, address: str | None = None) -> None:
    """The person agreed. Clears an unsubscribe of theirs, but never a bounce or a complaint."""
    if contact.status in (Contact.Status.BOUNCED, Contact.Status.COMPLAINED):
        return
    Consent.objects.create(
        contact=contact, state=Consent.State.GRANTED, source=source, wording=wording, actor=actor, address=address
    )
    Suppression.objects.filter(recipient=contact.email, reason=Suppression.Reason.UNSUBSCRIBED).delete()
    contact.status = Contact.Status.SUBSCRIBED
    contact.save(update_fields=["status", "updated_at"])


def withdraw(contact: Contact, *, source: str, reason: str = "", actor=None, address: str | None = None) -> None:
    """The person said no. Repeating it changes nothing."""
    if contact.status == Contact.Status.UNSUBSCRIBED:
        return
    Consent.objects.create(
        contact=contact, state=Consent.State.WITHDRAWN, source=source, reason=reason, actor=actor, address=address
    )
    if contact.status not in (Contact.Status.BOUNCED, Contact.Status.COMPLAINED):
        contact.status = Contact.Status.UNSUBSCRIBED
        contact.save(update_fields=["status", "updated_at"])
    suppress(contact.email, Suppression.Reason.UNSUBSCRIBED)


def suppress(recipient: str, reason: str) -> None:
    Suppression.objects.update_or_create(
        recipient=recipient,
        channel="email",
        defaults={"reason": reason},
        create_defaults={"reason": reason, "at": timezone.now()},
    )


def take_down(cursor, workspace_id: int, contact_ids: list[int], reason: str) -> None:
    """Mark many contacts as bounced or complained, on the engine's cursor, in the caller's transaction."""
    cursor.execute(
        "UPDATE contacts_contact SET status = %(reason)s, updated_at = now() "
        "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND status <> 'complained'",
        {"reason": reason, "ws": workspace_id, "ids": contact_ids},
    )
    cursor.execute(
        "INSERT INTO contacts_suppression (workspace_id, channel, recipient, reason, at) "
        "SELECT workspace_id, 'email', email, %(reason)s, now() FROM contacts_contact "
        "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) "
        "ON CONFLICT (workspace_id, channel, recipient) DO UPDATE SET reason = excluded.reason",
        {"reason": reason, "ws": workspace_id, "ids": contact_ids},
    )
