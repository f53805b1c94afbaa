"""The state of sending on the whole platform, in a few queries that stay cheap at any size."""

from __future__ import annotations

from django.db import connections
from django.db.backends.utils import CursorWrapper

from delivery.models import Lease

FREE, TAKEN = (f"{state:d}" for state in (Lease.State.FREE, Lease.State.TAKEN))

DEPTH = f"""
SELECT count(*) FILTER (WHERE l.state = {FREE} AND l.not_before <= now()) AS due,
       count(*) FILTER (WHERE l.state = {FREE} AND l.not_before > now()) AS later,
       count(*) FILTER (WHERE l.state = {TAKEN}) AS taken,
       count(*) FILTER (WHERE l.state = {TAKEN} AND l.until < now()) AS lost,
       coalesce(extract(epoch FROM now() - min(l.not_before)
           FILTER (WHERE l.state = {FREE} AND l.not_before <= now())), 0)
FROM delivery_lease l WHERE l.state IN ({FREE}, {TAKEN})
"""  # noqa: S608  (numbers of an enumeration)
LANES = f"""
SELECT worker, count(*) FROM delivery_lease WHERE state = {TAKEN} AND until > now() GROUP BY 1 ORDER BY 1
"""  # noqa: S608  (a number of an enumeration)
BATCHES = """
SELECT b.id, w.name, b.name, b.pace, b.is_paused, coalesce(sum(t.n) FILTER (WHERE t.fact = 'planned'), 0),
       coalesce(sum(t.n) FILTER (WHERE t.fact <> 'planned' AND t.fact IN
           ('accepted', 'failed', 'unknown', 'skipped', 'cancelled', 'expired')), 0)
FROM delivery_batch b JOIN accounts_workspace w ON w.id = b.workspace_id
LEFT JOIN delivery_tally t ON t.workspace_id = b.workspace_id AND t.batch_id = b.id
WHERE b.finished_at IS NULL GROUP BY b.id, w.name ORDER BY b.id LIMIT 100
"""
CIRCUITS = """
SELECT w.name, a.name, a.provider, a.failures, a.retry_at, a.throttled_until, a.last_problem
FROM delivery_provideraccount a JOIN accounts_workspace w ON w.id = a.workspace_id
WHERE a.deleted_at IS NULL AND (a.retry_at > now() OR a.throttled_until > now() OR a.last_problem <> '')
ORDER BY a.retry_at DESC NULLS LAST LIMIT 100
"""
# Campaigns only: confirmations and the like are batches, too. No index finds campaigns, hence the newest 20,000.
RECENT = """
SELECT coalesce(sum(t.n) FILTER (WHERE t.fact = 'unknown'), 0), coalesce(sum(t.n) FILTER (WHERE t.fact = 'accepted'), 0)
FROM delivery_tally t JOIN (
    SELECT id, workspace_id FROM (SELECT id, workspace_id, purpose FROM delivery_batch ORDER BY id DESC LIMIT 20000) n
    WHERE purpose = 'marketing' ORDER BY id DESC LIMIT 200) b
  ON t.workspace_id = b.workspace_id AND t.batch_id = b.id
"""


def read() -> dict:
    """depth, lanes, batches, circuits and the share of unknown messages, as the template needs them."""
    with connections["engine"].cursor() as cursor:
        due, later, taken, lost, oldest = _rows(cursor, DEPTH)[0]
        unknown, accepted = _rows(cursor, RECENT)[0]
        batches = _rows(cursor, BATCHES)
        return {
            "depth": {"due": due, "later": later, "taken": taken, "lost": lost, "oldest": int(oldest)},
            "lanes": _rows(cursor, LANES),
            "batches": batches,
            "rate": sum(pace for _, _, _, pace, *_ in batches),
            "circuits": _rows(cursor, CIRCUITS),
            "unknown": unknown,
            "unknown_share": 100 * unknown / (unknown + accepted) if unknown + accepted else 0,
        }


def _rows(cursor: CursorWrapper, sql: str) -> list[tuple]:
    cursor.execute(sql)
    return cursor.fetchall()
