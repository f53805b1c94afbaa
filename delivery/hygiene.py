"""What sending teaches about addresses over weeks: which refuse again and again, and who has stopped reading.

Runs daily over all workspaces, on the engine; each statement names its workspace. Repeated, it finds nothing new.
"""

from __future__ import annotations

from django.db import connections, transaction

from contacts import withdrawing
from contacts.models import Contact

# Refusals that are the mailbox's state, not the message's fault. (A hard refusal suppresses at once.)
SOFT = ["mailbox_full", "temporary", "gave_up", "host_unknown"]
SOFT_BOUNCES, SOFT_DAYS = 3, 30
CHUNK = 50_000

# Only batches that have such failures are looked at. Several on one day are one: the mailbox was full that day.
REPEATED = """
WITH batches AS (
    SELECT DISTINCT t.workspace_id, t.batch_id FROM delivery_tally t JOIN delivery_batch b ON b.id = t.batch_id
    WHERE t.fact = 'failed' AND t.reason = ANY(%(soft)s) AND t.n > 0
      AND b.created_at > now() - make_interval(days => %(days)s + 7)
), failures AS (
    SELECT m.workspace_id, m.contact_id, m.settled_at::date AS day FROM batches b
    JOIN delivery_message m ON m.batch_id = b.batch_id AND m.workspace_id = b.workspace_id
    WHERE m.state = 2 AND m.reason = ANY(%(soft)s) AND m.settled_at > now() - make_interval(days => %(days)s)
      AND NOT EXISTS (SELECT FROM delivery_message d WHERE d.contact_id = m.contact_id AND d.state = 1
                      AND d.settled_at > m.settled_at)
)
SELECT f.workspace_id, array_agg(f.contact_id ORDER BY f.contact_id) FROM (
    SELECT workspace_id, contact_id FROM failures GROUP BY 1, 2 HAVING count(DISTINCT day) >= %(most)s) f
JOIN contacts_contact c ON c.id = f.contact_id AND c.workspace_id = f.workspace_id AND c.status = 'subscribed'
GROUP BY 1
"""

# Whoever was written to in the time and did nothing. Who was never written to had nothing to answer.
DOZE = """
UPDATE contacts_contact c SET inactive_at = now()
WHERE c.workspace_id = %(workspace)s AND c.id > %(low)s AND c.id <= %(high)s AND c.inactive_at IS NULL
  AND c.deleted_at IS NULL AND c.status = 'subscribed'
  AND c.created_at < now() - make_interval(months => %(months)s)
  AND (c.engaged_at IS NULL OR c.engaged_at < now() - make_interval(months => %(months)s))
  AND EXISTS (SELECT FROM delivery_message m WHERE m.contact_id = c.id AND m.state = 1
              AND m.settled_at > now() - make_interval(months => %(months)s))
"""


def suppress_repeated_soft_bounces() -> int:
    """Take down whoever refused softly on three days of the last thirty, with no delivery after it. How many."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(REPEATED, {"soft": SOFT, "days": SOFT_DAYS, "most": SOFT_BOUNCES})
        found = cursor.fetchall()
        for workspace_id, contact_ids in found:
            withdrawing.take_down(cursor, workspace_id, contact_ids, Contact.Status.BOUNCED)
    return sum(len(contact_ids) for _workspace, contact_ids in found)


def mark_inactive() -> int:
    """Mark whoever has not engaged for the workspace's number of months. How many."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT id, inactive_months FROM accounts_workspace WHERE inactive_months IS NOT NULL ORDER BY id"
        )
        return sum(_mark_inactive_of(cursor, *row) for row in cursor.fetchall())


def _mark_inactive_of(cursor, workspace_id: int, months: int) -> int:
    marked, low = 0, 0
    while True:
        cursor.execute(
            "SELECT max(id) FROM (SELECT id FROM contacts_contact WHERE workspace_id = %s AND id > %s "
            "ORDER BY id LIMIT %s) chunk",
            [workspace_id, low, CHUNK],
        )
        high = cursor.fetchone()[0]
        if high is None:
            return marked
        cursor.execute(DOZE, {"workspace": workspace_id, "low": low, "high": high, "months": months})
        marked, low = marked + cursor.rowcount, high
