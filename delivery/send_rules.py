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
