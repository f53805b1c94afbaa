"""Who of a batch may be written to now: the consent rules of contacts, and how often a person wants messages."""

from __future__ import annotations

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from contacts.models import Topic
from delivery import registry
from delivery.models import Batch, Message, ProviderAccount

# A week less half a day, and a little less than the shortest month: a campaign that goes out each week, or on the first
# of each month, reaches a person at another minute each time, and an hour earlier or later when clocks change.
GAPS = "CASE c.frequency WHEN 'weekly' THEN interval '6 days 12 hours' ELSE interval '27 days' END"

# Counts settled messages: of two campaigns sent in the same second to somebody who wants one a week, both may pass.
# Service mails, such as the link to change this setting, don't count.
TOO_OFTEN = f"""CASE WHEN %(purpose)s = 'marketing' AND c.frequency <> '' AND EXISTS (
    SELECT FROM delivery_message p JOIN delivery_batch pb ON pb.id = p.batch_id AND pb.purpose = 'marketing'
    WHERE p.contact_id = c.id AND p.state IN ({Message.State.ACCEPTED:d}, {Message.State.UNKNOWN:d})
    AND p.settled_at > now() - {GAPS}) THEN 'frequency' END"""


def forbidden(channel: str, *, is_test: bool = False) -> str:
    """An SQL expression over `c` and `s`: the reason why a person may not be written to, or NULL. Like
    consent_rules.forbidden; its parameters are those of params()."""
    if is_test:
        return consent_rules.test_forbidden(channel)
    unreachable = registry.channel(channel).unreachable
    return f"coalesce({consent_rules.forbidden(channel)}, {TOO_OFTEN}, {unreachable})"


def same_number(channel: str, purpose: str) -> str:
    """An SQL expression over `c`: 'same_number' where another message of the batch went to this person's phone number,
    or will go there first; "" where that can't be. People share numbers, and a campaign goes to a number once.

    Parameters: workspace, batch. The people with the number come first, and each one's message is looked up (OFFSET 0):
    PostgreSQL knows nothing about a new batch, and would read the whole batch for each person.
    """
    if not goes_to_a_number_once(channel, purpose):
        return ""
    return f"""CASE WHEN EXISTS (
        SELECT FROM (SELECT o.id FROM contacts_contact o
                     WHERE o.workspace_id = %(workspace)s AND o.phone = c.phone AND o.id <> c.id OFFSET 0) o
        CROSS JOIN LATERAL (SELECT m.state FROM delivery_message m
                            WHERE m.batch_id = %(batch)s AND m.contact_id = o.id OFFSET 0) m
        WHERE m.state IN ({Message.State.ACCEPTED:d}, {Message.State.UNKNOWN:d})
           OR (m.state = {Message.State.QUEUED:d} AND o.id < c.id)) THEN 'same_number' END"""  # noqa: S608


def once_a_number(people: str) -> str:
    """The statement `people`, which selects the (id, reason) of a chunk of a batch's people, with the reason
    'same_number' for those whose number somebody before them gets the message on.

    The people of earlier chunks with the number come first, and each one's message is looked up (OFFSET 0).
    Parameters: workspace, batch, cursor (the last contact of the earlier chunks).
    """
    return f"""
    SELECT p.id, CASE WHEN p.reason <> '' THEN p.reason WHEN p.turn > 1 THEN 'same_number' WHEN EXISTS (
            SELECT FROM (SELECT o.id FROM contacts_contact o
                         WHERE o.workspace_id = %(workspace)s AND o.phone = p.phone AND o.id <= %(cursor)s OFFSET 0) o
            CROSS JOIN LATERAL (SELECT m.state FROM delivery_message m
                                WHERE m.batch_id = %(batch)s AND m.contact_id = o.id OFFSET 0) m
            WHERE m.state <> {Message.State.SKIPPED:d}) THEN 'same_number' ELSE '' END AS reason
    FROM (SELECT a.id, a.reason, c.phone, row_number() OVER (PARTITION BY c.phone, a.reason = '' ORDER BY a.id) AS turn
          FROM ({people}) a CROSS JOIN LATERAL (
              SELECT n.phone FROM contacts_contact n
              WHERE n.workspace_id = %(workspace)s AND n.id = a.id OFFSET 0) c) p"""  # noqa: S608


def goes_to_a_number_once(channel: str, purpose: str) -> bool:
    """Whether people may share the address of this channel. A service message is one person's own, such as a link."""
    return consent_rules.address_column(channel) == "phone" and purpose == Batch.Purpose.MARKETING


def params(batch: Batch) -> dict:
    rules = consent_rules.params(batch.channel, batch.purpose, batch.topic)
    return {
        "workspace": batch.workspace_id,
        "to": batch.parameters.get("to", "").lower(),
        "ascii_only": not batch.account.takes_utf8_addresses,
        **rules,
    }


def marketing(topic: Topic | None, channel: str, *, account: ProviderAccount | None = None) -> Gate:
    """The rules of a marketing batch that is not opened yet, to forecast its size."""
    ascii_only = account is not None and not account.takes_utf8_addresses
    params = consent_rules.params(channel, "marketing", topic) | {"ascii_only": ascii_only}
    return Gate(channel, forbidden(channel), params)
