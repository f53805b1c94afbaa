"""What sending teaches about addresses over weeks: which refuse again and again, and who has stopped reading.

Daily, for one workspace at a time, on the engine; each statement names its workspace. Repeated, it finds nothing new.
"""

from __future__ import annotations

import time

from django.db import connections, transaction

from contacts.consent import bulk_opt_out
from delivery.models.message import MAILBOX

SOFT_BOUNCES, SOFT_DAYS = 3, 30
#: Nobody is asleep who was written to less often, or has had less time to answer since.
LEAST_MESSAGES, REACTION_WEEKS = 3, 2
CHUNK = 50_000

# Only batches that have such failures are looked at. Several on one day are one: the mailbox was full that day. What
# was asked for and tests count as well: a mailbox is full whoever writes. (A hard refusal suppresses at once.) Nothing
# tells which address a message went to, so days of an address that was corrected since count until one is delivered.
REPEATED = """
WITH batches AS (
    SELECT DISTINCT t.batch_id FROM delivery_tally t JOIN delivery_batch b ON b.id = t.batch_id
    WHERE t.workspace_id = %(workspace)s AND t.fact = 'failed' AND t.reason = ANY(%(soft)s) AND t.n > 0
      AND b.created_at > now() - make_interval(days => %(days)s + 7)
), failures AS (
    SELECT m.contact_id, m.settled_at::date AS day FROM batches b
    JOIN delivery_message m ON m.batch_id = b.batch_id AND m.workspace_id = %(workspace)s
    WHERE m.state = 2 AND m.reason = ANY(%(soft)s) AND m.settled_at > now() - make_interval(days => %(days)s)
      AND NOT EXISTS (SELECT FROM delivery_message d WHERE d.contact_id = m.contact_id AND d.state = 1
                      AND d.settled_at > m.settled_at)
)
SELECT f.contact_id FROM (
    SELECT contact_id FROM failures GROUP BY 1 HAVING count(DISTINCT day) >= %(most)s) f
JOIN contacts_contact c ON c.id = f.contact_id AND c.workspace_id = %(workspace)s AND c.status = 'subscribed'
ORDER BY f.contact_id
"""

ASLEEP_SINCE = "now() - make_interval(months => %(months)s)"

# Whoever got several campaigns since they last did something, and could have answered the last of them. What they had
# asked for, such as the link to their preferences, and tests are not campaigns.
MARK_INACTIVE = f"""
UPDATE contacts_contact c SET inactive_at = now()
WHERE c.workspace_id = %(workspace)s AND c.id > %(low)s AND c.id <= %(high)s AND c.inactive_at IS NULL
  AND c.deleted_at IS NULL AND c.status = 'subscribed'
  AND c.created_at < {ASLEEP_SINCE} AND (c.engaged_at IS NULL OR c.engaged_at < {ASLEEP_SINCE})
  AND %(least)s = (SELECT count(*) FROM (
      SELECT FROM delivery_message m JOIN delivery_batch b ON b.id = m.batch_id AND b.purpose = 'marketing'
      WHERE m.contact_id = c.id AND m.state = 1 AND (c.engaged_at IS NULL OR m.settled_at > c.engaged_at)
        AND m.settled_at > {ASLEEP_SINCE} - make_interval(weeks => %(weeks)s)
        AND m.settled_at < now() - make_interval(weeks => %(weeks)s) LIMIT %(least)s) heard)
"""  # noqa: S608

# The number of months was raised, or emptied: whoever would not be marked for their silence now is awake. Being left
# out since, and so not written to, wakes nobody.
MARK_ACTIVE = f"""
UPDATE contacts_contact c SET inactive_at = NULL
WHERE c.workspace_id = %(workspace)s AND c.inactive_at IS NOT NULL
  AND (%(months)s::int IS NULL OR c.created_at >= {ASLEEP_SINCE} OR c.engaged_at >= {ASLEEP_SINCE})
"""  # noqa: S608


def workspaces() -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def suppress_repeated_soft_bounces(workspace_id: int) -> int:
    """Take down whoever refused softly on three days of the last thirty, with no delivery after it. How many."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        about = {"workspace": workspace_id, "soft": list(MAILBOX), "days": SOFT_DAYS, "most": SOFT_BOUNCES}
        cursor.execute(REPEATED, about)
        found = [row[0] for row in cursor.fetchall()]
        if found:
            bulk_opt_out.take_down(cursor, workspace_id, found)
    return len(found)


def mark_inactive(workspace_id: int, after: int = 0, *, budget: float = 40.0) -> int | None:
    """Mark whoever has not engaged for the workspace's number of months, and unmark who no longer counts as that.
    By id, from behind `after`. The id to go on from when the budget in seconds is used up; None when all are done."""
    deadline = time.monotonic() + budget
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT inactive_months FROM accounts_workspace WHERE id = %s", [workspace_id])
        months = cursor.fetchone()[0]
        about = {"workspace": workspace_id, "months": months, "least": LEAST_MESSAGES, "weeks": REACTION_WEEKS}
        if after == 0:
            cursor.execute(MARK_ACTIVE, about)
        while months is not None and (high := _end_of_chunk(cursor, workspace_id, after)) is not None:
            cursor.execute(MARK_INACTIVE, about | {"low": after, "high": high})
            after = high
            if time.monotonic() > deadline:
                return after
    return None


def _end_of_chunk(cursor, workspace_id: int, low: int) -> int | None:
    cursor.execute(
        "SELECT max(id) FROM (SELECT id FROM contacts_contact WHERE workspace_id = %s AND id > %s "
        "ORDER BY id LIMIT %s) chunk",
        [workspace_id, low, CHUNK],
    )
    return cursor.fetchone()[0]
