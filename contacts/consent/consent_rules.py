"""Who may be written to, as SQL: the same words for filling a batch and for the gate, so that they can't differ."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.models import Topic

ADDRESS = {"email": "email", "sms": "phone", "whatsapp": "phone"}
STATUS = {"email": "status", "sms": "sms_status", "whatsapp": "whatsapp_status"}


def address_column(channel: str) -> str:
    """The column of contacts_contact that holds what a channel writes to."""
    return ADDRESS[channel]


def suppression(channel: str) -> str:
    """The join that `forbidden` needs. OFFSET keeps the planner to a look-up per person: where it expects few people
    and meets many, a join of its own choice compares each with the whole list."""
    return (
        "LEFT JOIN LATERAL (SELECT id, reason FROM contacts_suppression WHERE workspace_id = %(workspace)s "  # noqa: S608
        f"AND channel = %(channel)s AND recipient = c.{ADDRESS[channel]} OFFSET 0) s ON true"
    )


def params(channel: str, purpose: str, topic: Topic | None) -> dict:
    """Those of `forbidden`, less the workspace."""
    return {
        "channel": channel,
        "purpose": purpose,
        "topic": topic and topic.pk,
        "topic_default": topic is None or not topic.needs_choice,
    }


@dataclass(frozen=True)
class Gate:
    """What stands between people and a message not yet written: an expression as `forbidden`, and its parameters."""

    channel: str
    forbidden: str
    params: dict


def marketing(topic: Topic | None = None, channel: str = "email") -> Gate:
    return Gate(channel, forbidden(channel), params(channel, "marketing", topic))


def forbidden(channel: str) -> str:
    """A CASE expression: the reason why `c` (contacts_contact, outer-joined) may not be written to, or NULL.

    `s` is contacts_suppression joined by address. Parameters: purpose (marketing, service, test), workspace, channel,
    topic (an id or None) and topic_default (whether those who were not asked get it).
    """
    address, status = ADDRESS[channel], STATUS[channel]
    # Not correlated with the person, so PostgreSQL reads the list once a statement and hashes it.
    blocked = (
        "WHEN split_part(c.email, '@', 2) IN (SELECT domain FROM contacts_blockeddomain "
        "WHERE workspace_id = %(workspace)s) THEN 'blocked'"
        if channel == "email"
        else ""
    )
    return f"""CASE
        WHEN c.id IS NULL THEN 'deleted'
        WHEN %(purpose)s = 'test' THEN NULL
        WHEN c.deleted_at IS NOT NULL THEN 'deleted'
        WHEN c.{address} IS NULL THEN 'no_address'
        {blocked}
        -- What a person asked for (a confirmation, a link) reaches them without marketing consent, but no dead address.
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
