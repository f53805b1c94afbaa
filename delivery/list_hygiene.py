"""What weeks of sending show about addresses: which mailboxes refuse again and again, and who has stopped reading.

Runs daily, for one workspace at a time, as the role "engine"; each statement names its workspace. Can be repeated.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from delivery import registry
from delivery.channels.channel import Channel
from delivery.models import Message

State = Message.State

SOFT_BOUNCES, SOFT_DAYS = 3, 30
# Somebody counts as inactive only after so many messages, the last of them so many weeks ago.
MIN_MESSAGES, REACTION_WEEKS = 3, 2
CHUNK = 50_000

# Reads only batches that have such failures. Several on one day count as one: the mailbox was full that day. Service
# mails and tests count as well: a mailbox is full whatever the purpose. (A hard refusal suppresses at once.) Messages
# don't record the address they went to, so failures of an address that was corrected since count until a message is
# delivered.
REPEATED = f"""
WITH batches AS (
    SELECT DISTINCT t.batch_id FROM delivery_tally t JOIN delivery_batch b ON b.id = t.batch_id
    WHERE t.workspace_id = %(workspace)s AND t.fact = 'failed' AND t.reason = ANY(%(soft)s) AND t.n > 0
      AND b.channel = %(channel)s AND b.created_at > now() - make_interval(days => %(days)s + 7)
), failures AS (
    SELECT m.contact_id, m.settled_at::date AS day FROM batches b
    JOIN delivery_message m ON m.batch_id = b.batch_id AND m.workspace_id = %(workspace)s
    WHERE m.state = {State.FAILED:d} AND m.reason = ANY(%(soft)s)
      AND m.settled_at > now() - make_interval(days => %(days)s)
      AND NOT EXISTS (SELECT FROM delivery_message d JOIN delivery_batch db ON db.id = d.batch_id
                      WHERE d.contact_id = m.contact_id AND d.state = {State.ACCEPTED:d}
                        AND d.settled_at > m.settled_at AND db.channel = %(channel)s)
)
SELECT f.contact_id FROM (
    SELECT contact_id FROM failures GROUP BY 1 HAVING count(DISTINCT day) >= %(most)s) f
JOIN contacts_contact c ON c.id = f.contact_id AND c.workspace_id = %(workspace)s AND c.{{status}} = 'subscribed'
ORDER BY f.contact_id
"""  # noqa: S608  (numbers of our enumerations)

INACTIVE_SINCE = "now() - make_interval(months => %(months)s)"

# People who got several campaigns since their last click, and had time to react to the last of them. Service mails,
# such as the link to their preferences, and tests are not campaigns.
MARK_INACTIVE = f"""
UPDATE contacts_contact c SET inactive_at = now()
WHERE c.workspace_id = %(workspace)s AND c.id > %(low)s AND c.id <= %(high)s AND c.inactive_at IS NULL
  AND c.deleted_at IS NULL AND c.status = 'subscribed'
  AND c.created_at < {INACTIVE_SINCE} AND (c.engaged_at IS NULL OR c.engaged_at < {INACTIVE_SINCE})
  AND %(least)s = (SELECT count(*) FROM (
      SELECT FROM delivery_message m JOIN delivery_batch b ON b.id = m.batch_id AND b.purpose = 'marketing'
      WHERE m.contact_id = c.id AND m.state = {State.ACCEPTED:d}
        AND (c.engaged_at IS NULL OR m.settled_at > c.engaged_at)
        AND m.settled_at > {INACTIVE_SINCE} - make_interval(weeks => %(weeks)s)
        AND m.settled_at < now() - make_interval(weeks => %(weeks)s) LIMIT %(least)s) heard)
"""  # noqa: S608  (parts of our own)

# The number of months was raised, or emptied: people whom it would no longer mark become active. That somebody got no
# messages since, because campaigns leave inactive people out, is no reason to become active.
MARK_ACTIVE = f"""
UPDATE contacts_contact c SET inactive_at = NULL
WHERE c.workspace_id = %(workspace)s AND c.inactive_at IS NOT NULL
  AND (%(months)s::int IS NULL OR c.created_at >= {INACTIVE_SINCE} OR c.engaged_at >= {INACTIVE_SINCE})
"""  # noqa: S608  (parts of our own)


def workspaces() -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def suppress_repeated_soft_bounces(workspace_id: int) -> int:
    """Suppress people whose mailbox refused on 3 of the last 30 days, with no delivery since: each channel by itself.
    Returns how many."""
    return sum(_suppress_on(channel, workspace_id) for channel in registry.CHANNELS if channel.soft_reasons)


def _suppress_on(channel: Channel, workspace_id: int) -> int:
    params: dict[str, Any] = {
        "workspace": workspace_id,
        "channel": channel.slug,
        "soft": list(channel.soft_reasons),
        "days": SOFT_DAYS,
        "most": SOFT_BOUNCES,
    }
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(REPEATED.format(status=channel.status_column), params)
        found = [row[0] for row in cursor.fetchall()]
        if found:
            channel.mark_dead(cursor, workspace_id, found)
    return len(found)


def mark_inactive(workspace_id: int, after: int = 0, *, budget: float = 40.0) -> int | None:
    """Mark people who have not engaged for the workspace's number of months, and unmark those who no longer qualify.
    Goes by id, from `after` (exclusive) on. Returns the id to continue from if the budget in seconds is used up, None
    when all are done."""
    deadline = time.monotonic() + budget
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT inactive_months FROM accounts_workspace WHERE id = %s", [workspace_id])
        months = cursor.fetchone()[0]
        params: dict[str, Any] = {
            "workspace": workspace_id,
            "months": months,
            "least": MIN_MESSAGES,
            "weeks": REACTION_WEEKS,
        }
        if after == 0:
            cursor.execute(MARK_ACTIVE, params)
        while months is not None and (high := _end_of_chunk(cursor, workspace_id, after)) is not None:
            cursor.execute(MARK_INACTIVE, params | {"low": after, "high": high})
            after = high
            if time.monotonic() > deadline:
                return after
    return None


def _end_of_chunk(cursor: CursorWrapper, workspace_id: int, low: int) -> int | None:
    cursor.execute(
        "SELECT max(id) FROM (SELECT id FROM contacts_contact WHERE workspace_id = %s AND id > %s "
        "ORDER BY id LIMIT %s) chunk",
        [workspace_id, low, CHUNK],
    )
    return cursor.fetchone()[0]
