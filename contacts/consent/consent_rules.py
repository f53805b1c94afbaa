"""Who may be written to, as SQL. Filling a batch and the gate use the same expression, so they can't differ."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.models import Channel, Topic

ADDRESS = {"email": "email", "sms": "phone", "whatsapp": "phone"}
STATUS = {"email": "status", "sms": "sms_status", "whatsapp": "whatsapp_status"}


def address_column(channel: str) -> str:
    """The column of contacts_contact that holds the address for this channel."""
    return ADDRESS[channel]


def status_column(channel: str) -> str:
    """The column of contacts_contact with a person's word on the channel, or on being tracked."""
    return "tracking_status" if channel == Channel.TRACKING else STATUS[channel]


def suppression(channel: str, address: str = "") -> str:
    """The join that `forbidden` needs, by the contact's address or by another SQL expression.

    OFFSET forces an index look-up for each person. Without it, where the planner expects few people and there are many,
    it chooses a join that compares each of them with the whole list.
    """
    return (
        "LEFT JOIN LATERAL (SELECT id, reason FROM contacts_suppression WHERE workspace_id = %(workspace)s "  # noqa: S608
        f"AND channel = %(channel)s AND recipient = {address or f'c.{ADDRESS[channel]}'} OFFSET 0) s ON true"
    )


def params(channel: str, purpose: str, topic: Topic | None) -> dict:
    """The parameters of `forbidden`, except the workspace."""
    return {
        "channel": channel,
        "purpose": purpose,
        "topic": topic and topic.pk,
        "topic_default": topic is None or not topic.needs_choice,
    }


def test_forbidden(channel: str) -> str:
    """The same for a test, which goes to the address `to`, a contact's or not. A complaint holds for tests, too."""
    address, status = ADDRESS[channel], STATUS[channel]
    return f"""CASE
        WHEN %(to)s = '' THEN 'no_address'
        WHEN EXISTS (SELECT FROM contacts_suppression x WHERE x.workspace_id = %(workspace)s
            AND x.channel = %(channel)s AND x.recipient = %(to)s AND x.reason = 'complained')
          OR EXISTS (SELECT FROM contacts_contact x WHERE x.workspace_id = %(workspace)s
            AND x.{address} = %(to)s AND x.{status} = 'complained') THEN 'complained'
    END"""  # noqa: S608


@dataclass(frozen=True)
class Gate:
    """The rules for a message that does not exist yet: an expression as of `forbidden`, and its parameters."""

    channel: str
    forbidden: str
    params: dict


def marketing(topic: Topic | None = None, channel: str = "email") -> Gate:
    """The rules for a marketing message about this topic."""
    return Gate(channel, forbidden(channel), params(channel, "marketing", topic))


def forbidden(channel: str) -> str:
    """A CASE expression: the reason why `c` (contacts_contact, outer-joined) may not be written to, or NULL.

    `s` is contacts_suppression joined by address. Parameters: purpose (marketing, service), workspace, channel,
    topic (an id or None) and topic_default (whether people who made no choice get it).
    """
    address, status = ADDRESS[channel], STATUS[channel]
    # The subquery does not depend on the person, so PostgreSQL reads the list once a statement and hashes it.
    blocked = (
        "WHEN split_part(c.email, '@', 2) IN (SELECT domain FROM contacts_blockeddomain "
        "WHERE workspace_id = %(workspace)s) THEN 'blocked'"
        if address == "email"
        else ""
    )
    return f"""CASE
        WHEN c.id IS NULL THEN 'deleted'
        WHEN c.deleted_at IS NOT NULL THEN 'deleted'
        WHEN c.{address} IS NULL THEN 'no_address'
        {blocked}
        -- A service message (a confirmation, a link the person asked for) needs no marketing consent, but an address
        -- that works.
        WHEN %(purpose)s = 'service' THEN CASE
            WHEN c.{status} IN ('bounced', 'complained') THEN c.{status}
            WHEN s.reason IN ('bounced', 'complained', 'manual', 'imported') THEN 'suppressed' END
        WHEN c.{status} <> 'subscribed' THEN c.{status}
        WHEN s.id IS NOT NULL THEN 'suppressed'
        WHEN c.paused_until > current_date THEN 'paused'
        WHEN %(topic)s::bigint IS NOT NULL AND NOT coalesce((
            SELECT wanted FROM contacts_topicchoice w WHERE w.workspace_id = %(workspace)s AND w.topic_id = %(topic)s
            AND w.channel = %(channel)s AND w.contact_id = c.id), %(topic_default)s) THEN 'topic'
    END"""  # noqa: S608
