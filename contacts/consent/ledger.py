"""Grant and withdraw one person's consent, per channel and topic; every change adds a ledger row that proves it."""

from __future__ import annotations

import hashlib

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.functional import Promise

from contacts.consent import bulk_opt_out, consent_rules, suppression_list
from contacts.models import Channel, Consent, Contact, Suppression, Topic, TopicChoice
from kernel import throttle

#: Sources that are the person's own act, as opposed to what a member or a file says about the person.
OWN_ACTS = {Consent.Source.FORM, Consent.Source.CONFIRMED, Consent.Source.PREFERENCES, Consent.Source.PAGE}
#: Sources that anybody who has a message can use as often as they like.
BY_LINK = {Consent.Source.PREFERENCES, Consent.Source.PAGE}
#: Statuses that no consent clears.
GONE = {Contact.Status.BOUNCED, Contact.Status.COMPLAINED}
#: Statuses that no member changes: the person said no, or can't be written to.
CLOSED = {*GONE, Contact.Status.UNSUBSCRIBED}

#: Of individual open tracking.
TRACKING_WORDS: dict[str, str | Promise] = {
    Contact.Status.SUBSCRIBED: Consent.State.GRANTED.label,
    Contact.Status.UNSUBSCRIBED: Consent.State.WITHDRAWN.label,
}


def wording_version(wording: str) -> str:
    """A short hash that identifies exactly this wording."""
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


def status_of(contact: Contact, channel: str) -> str:
    return getattr(contact, consent_rules.status_column(channel))


def status_label(channel: str, status: str) -> str:
    """The status in words: nobody subscribes to being tracked."""
    if channel == Channel.TRACKING and status in TRACKING_WORDS:
        return str(TRACKING_WORDS[status])
    return str(Contact.Status(status).label)


def why_closed(contact: Contact, channel: str) -> str:
    """Why what a member notes of a yes changes nothing: a status of CLOSED, "suppressed" where only a member or an
    erasure put the address on the suppression list, or nothing."""
    status, address = status_of(contact, channel), _address(contact, channel)
    if status in CLOSED:
        return status
    found = suppression_list.of_address(channel, address) if address else None
    if found is None:
        return ""
    # The list calls what a person did as the statuses do.
    return found.reason if found.reason in CLOSED else "suppressed"


def has_refused(contact: Contact, channel: str, topic: Topic) -> bool:
    """Whether the person opted out of the topic on this channel."""
    return TopicChoice.objects.filter(contact=contact, channel=channel, topic=topic, wanted=False).exists()


def holds_yes(contact: Contact, channel: str, topic: Topic | None) -> bool:
    """Whether a yes to the channel holds, and the choice of the topic if there is one."""
    if status_of(contact, channel) != Contact.Status.SUBSCRIBED:
        return False
    chosen = TopicChoice.objects.filter(contact=contact, channel=channel, topic=topic, wanted=True)
    return topic is None or chosen.exists()


def grant(
    contact: Contact, *, source: str, wording: str, channel: str = Channel.EMAIL, topic: Topic | None = None, **proof
) -> bool:
    """Record that the person agreed. Returns False where something forbids it; then nothing is written.

    Clears an earlier unsubscribe, but never a bounce, a complaint or a do-not-contact entry; it clears an erasure only
    by the person's own act. A number that another contact has, too, stays silent while that person says no. `proof`:
    actor, address (IP), page, message_id, basis, at, claimed_on, as in Consent.

    By a link it can be given once a minute, so that a link can't fill the ledger. Opting out always works, and is
    recorded only where there was something to end.
    """
    if status_of(contact, channel) in GONE:
        return False
    if source in BY_LINK and not _is_first_in_a_minute(contact, channel, topic):
        return False
    if not _clear_suppression(contact, channel, source):
        return False
    _record(contact, channel, topic, Consent.State.GRANTED, source, wording=wording, **proof)
    if topic is not None:
        _choose(contact, channel, topic, wanted=True)
    _set_status(contact, channel, Contact.Status.SUBSCRIBED)
    if source in OWN_ACTS:
        mark_active(contact)
    return True


def mark_active(contact: Contact) -> None:
    """Record that the person was active now; a contact marked inactive is active again."""
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
) -> bool:
    """Record that the person opted out of a topic or of the channel as a whole. Repeating it changes nothing: False."""
    if topic is not None:
        is_new = _choose(contact, channel, topic, wanted=False)
        if is_new:
            _record(contact, channel, topic, Consent.State.WITHDRAWN, source, reason=reason, **proof)
        return is_new
    actor = proof.pop("actor", None)
    with connection.cursor() as cursor:
        opted_out = bulk_opt_out.withdraw(
            cursor,
            contact.workspace_id,
            [contact.pk],
            channel=channel,
            source=source,
            reason=reason,
            actor_id=actor and actor.pk,
            **proof,
        )
    if status_of(contact, channel) not in GONE:
        setattr(contact, consent_rules.status_column(channel), Contact.Status.UNSUBSCRIBED)
    return contact.pk in opted_out


def addresses_of(contact: Contact) -> dict[str, str | None]:
    """The contact's addresses by field, to compare with after a change."""
    return {column: getattr(contact, column) for column in consent_rules.ADDRESS.values()}


def update_status_for_new_address(contact: Contact, before: dict) -> None:
    """Adapt the statuses to changed addresses; the caller saves. `before`: the old addresses by field (addresses_of).

    A bounce belongs to the old address and is cleared. An opt-out that the status "bounced" hid belongs to the person
    and becomes visible again.
    """
    for channel, column in consent_rules.ADDRESS.items():
        status = consent_rules.STATUS[channel]
        if before.get(column) == getattr(contact, column):
            continue
        if getattr(contact, status) == Contact.Status.BOUNCED:
            newest = Consent.objects.filter(contact=contact, channel=channel, topic=None).order_by("-pk").first()
            opted_out = newest is not None and newest.state == Consent.State.WITHDRAWN
            setattr(contact, status, Contact.Status.UNSUBSCRIBED if opted_out else Contact.Status.PENDING)
        _apply_suppression(contact, channel)


def request(contact: Contact, *, wording: str, channel: str = Channel.EMAIL, **proof) -> None:
    """Record that the person was asked to confirm. This grants nothing."""
    _record(contact, channel, None, Consent.State.REQUESTED, Consent.Source.FORM, wording=wording, **proof)


def reset_consent(contact: Contact) -> None:
    """Reset a deleted contact that comes back; the caller saves. Earlier consent is void, earlier opt-outs stay."""
    for column in map(consent_rules.status_column, Channel.values):
        if getattr(contact, column) == Contact.Status.SUBSCRIBED:
            setattr(contact, column, Contact.Status.PENDING)


def apply_suppressions(contact: Contact) -> None:
    """Give a new contact, not saved yet, the statuses that the suppression list has for its addresses."""
    for channel in consent_rules.STATUS:
        _apply_suppression(contact, channel)


def _apply_suppression(contact: Contact, channel: str) -> None:
    """A complaint is the person's, whatever is known of the address: it stays."""
    address, column = _address(contact, channel), consent_rules.STATUS[channel]
    if not address or getattr(contact, column) == Contact.Status.COMPLAINED:
        return
    if status := suppression_list.status_of(channel, address):
        setattr(contact, column, status)


def _is_first_in_a_minute(contact: Contact, channel: str, topic: Topic | None) -> bool:
    what = f"{contact.workspace_id}/{contact.pk}/{channel}/{topic.pk if topic else ''}"
    return throttle.take("consent by link", what, most=1, seconds=60)


def _record(
    contact: Contact, channel: str, topic: Topic | None, state: str, source: str, *, wording: str = "", **proof
) -> None:
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
    """Save the choice. False where it was the person's choice already."""
    choice = TopicChoice.objects.filter(contact=contact, channel=channel, topic=topic).first()
    if choice is not None and choice.wanted == wanted:
        return False
    TopicChoice.objects.update_or_create(contact=contact, channel=channel, topic=topic, defaults={"wanted": wanted})
    return True


def _set_status(contact: Contact, channel: str, status: str) -> None:
    column = consent_rules.status_column(channel)
    setattr(contact, column, status)
    contact.save(update_fields=[column, "updated_at"])


def _address(contact: Contact, channel: str) -> str | None:
    return getattr(contact, consent_rules.ADDRESS[channel]) if channel in consent_rules.ADDRESS else None


def _clear_suppression(contact: Contact, channel: str, source: str) -> bool:
    """Take the person's own opt-out off the suppression list. False where another entry remains on it."""
    address = _address(contact, channel)
    found = suppression_list.of_address(channel, address) if address else None
    if found is None:
        return True
    own = source in OWN_ACTS and found.reason == Suppression.Reason.ERASED
    if not own and found.reason != Suppression.Reason.UNSUBSCRIBED:
        return False
    if _others_say_no(contact, channel):
        return False
    found.delete()
    return True


def _others_say_no(contact: Contact, channel: str) -> bool:
    """Whether another contact with the same phone number has opted out: they read what is sent to it, too.

    It counts whoever wrote it down: a member whom they told on the phone, a file, a merge. Only an opt-out that
    followed from the number's (SAME_NUMBER) is nobody's own."""
    if consent_rules.ADDRESS[channel] != "phone":
        return False
    others = Contact.objects.filter(phone=contact.phone).exclude(pk__in=contact.ids_of_person)
    newest = Consent.objects.filter(contact=OuterRef("pk"), channel=channel, topic=None).order_by("-pk")
    words = others.annotate(state=Subquery(newest.values("state")[:1]), source_of=Subquery(newest.values("source")[:1]))
    said_no = words.filter(state=Consent.State.WITHDRAWN).exclude(source_of=Consent.Source.SAME_NUMBER)
    return said_no.exists()
