"""May we write to this person? Granting and withdrawing, per channel and topic: always with a row that proves it."""

from __future__ import annotations

import hashlib

from django.db import connection
from django.utils import timezone

from contacts import permission, suppressing
from contacts.models import Channel, Consent, Contact, Suppression, Topic, TopicChoice
from kernel.tenancy import require_workspace_id

STATUS = {**permission.STATUS, Channel.TRACKING: "tracking_status"}
#: What the person did, as opposed to what a member or a file says of the person.
OWN_ACTS = {Consent.Source.FORM, Consent.Source.CONFIRMED, Consent.Source.PREFERENCES, Consent.Source.PAGE}
GONE = {Contact.Status.BOUNCED, Contact.Status.COMPLAINED}


def wording_version(wording: str) -> str:
    """A short name for exactly this wording."""
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


def status_of(contact: Contact, channel: str) -> str:
    return getattr(contact, STATUS[channel])


def grant(
    contact: Contact, *, source: str, wording: str, channel: str = Channel.EMAIL, topic: Topic | None = None, **proof
) -> bool:
    """The person agreed. Clears an unsubscribe of theirs, but never a bounce, a complaint or a do-not-contact entry;
    an erasure only by the person's own act. False where something forbids it: then nothing is written.

    `proof`: actor, address (IP), page, message_id, basis, as in Consent.
    """
    if status_of(contact, channel) in GONE or not _clear_suppression(contact, channel, source):
        return False
    _record(contact, channel, topic, Consent.State.GRANTED, source, wording=wording, **proof)
    if topic is not None:
        _choose(contact, channel, topic, wanted=True)
    _set_status(contact, channel, Contact.Status.SUBSCRIBED)
    if source in OWN_ACTS:
        wake(contact)
    return True


def wake(contact: Contact) -> None:
    """The person was here just now: whoever counted as inactive does no more."""
    contact.inactive_at, contact.engaged_at = None, timezone.now()
    contact.save(update_fields=["inactive_at", "engaged_at", "updated_at"])


def withdraw(
    contact: Contact,
    *,
    source: str,
    reason: str = "",
    channel: str = Channel.EMAIL,
    topic: Topic | None = None,
    **proof,
) -> None:
    """The person said no, to a topic or to the channel as a whole. Repeating it changes nothing."""
    if topic is not None:
        if _choose(contact, channel, topic, wanted=False):
            _record(contact, channel, topic, Consent.State.WITHDRAWN, source, reason=reason, **proof)
        return
    if status_of(contact, channel) == Contact.Status.UNSUBSCRIBED:
        return
    _record(contact, channel, None, Consent.State.WITHDRAWN, source, reason=reason, **proof)
    if status_of(contact, channel) not in GONE:
        _set_status(contact, channel, Contact.Status.UNSUBSCRIBED)
    if address := _address(contact, channel):
        suppressing.suppress(channel, address, Suppression.Reason.UNSUBSCRIBED)


def withdraw_addresses(
    channel: str, addresses: list[str], *, source: str, reason: str = "", actor=None, address: str | None = None
) -> int:
    """The contacts with these addresses said no to the channel; in one statement. Whoever had said no already, keeps
    the row that proves it. Returns how many had not. Putting them on the suppression list is the caller's."""
    column, status = permission.ADDRESS[channel], permission.STATUS[channel]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH people AS MATERIALIZED (SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s "  # noqa: S608
            f"AND {column} = ANY(%(addresses)s::text[]) AND {status} <> 'unsubscribed' ORDER BY id FOR UPDATE), "
            f"marked AS (UPDATE contacts_contact c SET {status} = 'unsubscribed', updated_at = now() FROM people p "
            f"WHERE c.workspace_id = %(ws)s AND c.id = p.id AND c.{status} NOT IN ('bounced', 'complained')), "
            "noted AS (INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, basis, source, wording, "
            "wording_version, reason, page, message_id, actor_id, address, at) "
            "SELECT %(ws)s, id, %(channel)s, 'withdrawn', 'consent', %(source)s, '', '', %(reason)s, '', '', "
            "%(actor)s, %(address)s, now() FROM people) SELECT count(*) FROM people",
            {
                "ws": require_workspace_id(),
                "channel": channel,
                "addresses": addresses,
                "source": source,
                "reason": reason,
                "actor": actor and actor.pk,
                "address": address,
            },
        )
        return cursor.fetchone()[0]


def request(contact: Contact, *, wording: str, channel: str = Channel.EMAIL, **proof) -> None:
    """The person was asked to confirm. Nothing is granted by that."""
    _record(contact, channel, None, Consent.State.REQUESTED, Consent.Source.FORM, wording=wording, **proof)


def begin_again(contact: Contact) -> None:
    """Somebody the merchant deleted turns up again: no yes of before holds. Not saved here; a no of before stays."""
    for column in STATUS.values():
        if getattr(contact, column) == Contact.Status.SUBSCRIBED:
            setattr(contact, column, Contact.Status.PENDING)


def begin(contact: Contact) -> None:
    """A new contact, not saved yet, whose address is on the suppression list is no blank page."""
    for channel, column in permission.STATUS.items():
        address = _address(contact, channel)
        if address and (status := suppressing.status_of(channel, address)):
            setattr(contact, column, status)


def take_down(cursor, workspace_id: int, contact_ids: list[int], reason: str) -> None:
    """Mark many contacts as bounced or complained, on the engine's cursor, in the caller's transaction."""
    cursor.execute(
        "UPDATE contacts_contact SET status = %(reason)s, updated_at = now() "
        "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND status <> 'complained'",
        {"reason": reason, "ws": workspace_id, "ids": contact_ids},
    )
    cursor.execute(
        "INSERT INTO contacts_suppression AS s (workspace_id, channel, recipient, reason, at) "
        "SELECT workspace_id, 'email', email, %(reason)s, now() FROM contacts_contact "
        "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND email IS NOT NULL "
        "ON CONFLICT (workspace_id, channel, recipient) DO UPDATE SET reason = excluded.reason "
        "WHERE s.reason <> 'complained'",
        {"reason": reason, "ws": workspace_id, "ids": contact_ids},
    )


WITHDRAW_MANY = """
WITH changed AS (
    UPDATE contacts_contact SET status = 'unsubscribed', updated_at = now()
    WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND deleted_at IS NULL AND status IN ('subscribed', 'pending')
    RETURNING id, email
), noted AS (
    INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, wording, reason, actor_id, address,
                                  at)
    SELECT %(ws)s, id, 'email', 'withdrawn', %(source)s, '', '', %(actor)s, %(address)s::inet, now() FROM changed
), listed AS (
    INSERT INTO contacts_suppression (workspace_id, channel, recipient, reason, at)
    SELECT %(ws)s, 'email', email, 'unsubscribed', now() FROM changed WHERE email IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM changed
"""


def withdraw_many(
    cursor, workspace_id: int, contact_ids: list[int], *, source: str, actor_id: int | None, address: str | None
) -> int:
    """What `withdraw` does, to many and for e-mail, in the caller's transaction. How many had not said no before."""
    params = {"ws": workspace_id, "ids": contact_ids, "source": source, "actor": actor_id, "address": address}
    cursor.execute(WITHDRAW_MANY, params)
    return cursor.fetchone()[0]


def _record(contact: Contact, channel: str, topic, state: str, source: str, *, wording: str = "", **proof) -> None:
    Consent.objects.create(
        contact=contact,
        channel=channel,
        topic=topic,
        state=state,
        source=source,
        wording=wording,
        wording_version=wording_version(wording) if wording else "",
        **proof,
    )


def _choose(contact: Contact, channel: str, topic: Topic, *, wanted: bool) -> bool:
    """False where this was the person's choice already."""
    choice = TopicChoice.objects.filter(contact=contact, channel=channel, topic=topic).first()
    if choice is not None and choice.wanted == wanted:
        return False
    TopicChoice.objects.update_or_create(contact=contact, channel=channel, topic=topic, defaults={"wanted": wanted})
    return True


def _set_status(contact: Contact, channel: str, status: str) -> None:
    setattr(contact, STATUS[channel], status)
    contact.save(update_fields=[STATUS[channel], "updated_at"])


def _address(contact: Contact, channel: str) -> str | None:
    return getattr(contact, permission.ADDRESS[channel]) if channel in permission.ADDRESS else None


def _clear_suppression(contact: Contact, channel: str, source: str) -> bool:
    """Take the person's own no off the list; False where another entry stays."""
    address = _address(contact, channel)
    found = suppressing.of_address(channel, address) if address else None
    if found is None:
        return True
    own = source in OWN_ACTS and found.reason == Suppression.Reason.ERASED
    if not own and found.reason != Suppression.Reason.UNSUBSCRIBED:
        return False
    found.delete()
    return True
