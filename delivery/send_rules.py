"""Who of a batch may be written to, now: what contacts say of the person, and how often a person wants to hear."""

from __future__ import annotations

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from contacts.models import Topic

# A week less half a day, and a little less than the shortest month: a campaign that goes out each week, or on the first
# of each month, reaches the person at another minute each time, and comes on another date where clocks change.
GAPS = "CASE c.frequency WHEN 'weekly' THEN interval '6 days 12 hours' ELSE interval '27 days' END"

# Two campaigns sent in the same second to someone who wants one a week: both may pass. What is settled is counted, but
# not what the person asked for, such as the link to change this.
TOO_OFTEN = f"""CASE WHEN %(purpose)s = 'marketing' AND c.frequency <> '' AND EXISTS (
    SELECT FROM delivery_message p JOIN delivery_batch pb ON pb.id = p.batch_id AND pb.purpose = 'marketing'
    WHERE p.contact_id = c.id AND p.state IN (1, 3)
    AND p.settled_at > now() - {GAPS}) THEN 'frequency' END"""


def forbidden(channel: str) -> str:
    """An SQL expression over `c` and `s`, as consent_rules.forbidden; its parameters are those of params()."""
    return f"coalesce({consent_rules.forbidden(channel)}, {TOO_OFTEN})"


def params(batch) -> dict:
    return {"workspace": batch.workspace_id, **consent_rules.params(batch.channel, batch.purpose, batch.topic)}


def marketing(topic: Topic | None, channel: str = "email") -> Gate:
    """What a marketing batch that is not opened yet would be filled by."""
    return Gate(channel, forbidden(channel), consent_rules.params(channel, "marketing", topic))
