"""Claiming, releasing and finishing leases. The token is the fence: a lane that lost its lease changes nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from delivery.models import Lease, Message

State = Lease.State

# Batches that a lane may work on now: what is cancelled or expired has to be ended, whatever its account does.
GOES_ON = """(b.state = 'cancelled' OR b.expires_at < now()
              OR (NOT b.is_paused AND (a.retry_at IS NULL OR a.retry_at <= now())
                  AND (a.throttled_until IS NULL OR a.throttled_until <= now())))"""

DUE = f"""FROM delivery_lease l JOIN delivery_batch b ON b.id = l.batch_id
        JOIN delivery_provideraccount a ON a.id = b.account_id
        WHERE l.state = {State.FREE:d} AND l.not_before <= now() AND {GOES_ON}
          AND (l.urgent OR NOT EXISTS (SELECT FROM delivery_workspacequeue t WHERE t.workspace_id = l.workspace_id
                                       AND t.throttled_until > now()))"""

# The order of the workspace queue: urgent work first, then the workspace that has waited longest. It starts from
# batches that may go on: a workspace that has sent everything costs nothing, and one that has paused everything a row.
# And it asks what a claim asks: workspaces whose leases can't be claimed would fill the places in front.
# OFFSET 0: the account of each batch is looked up, and not all accounts read.
WAITING = f"""
WITH going AS MATERIALIZED (
    SELECT DISTINCT b.workspace_id FROM delivery_batch b
    CROSS JOIN LATERAL (SELECT * FROM delivery_provideraccount WHERE id = b.account_id OFFSET 0) a
    WHERE b.finished_at IS NULL AND a.id <> ALL(%(busy)s) AND {GOES_ON}
)
SELECT t.workspace_id FROM going g JOIN delivery_workspacequeue t ON t.workspace_id = g.workspace_id
CROSS JOIN LATERAL (SELECT l.urgent {DUE} AND l.workspace_id = g.workspace_id AND a.id <> ALL(%(busy)s)
                    ORDER BY l.urgent DESC, l.not_before, l.id LIMIT 1) due
ORDER BY due.urgent DESC, t.served_at, t.workspace_id LIMIT 50
"""  # noqa: S608  (parts of our own)

CLAIM = f"""
WITH claimed AS (
    UPDATE delivery_lease SET state = {State.TAKEN:d}, worker = %(worker)s, token = nextval('delivery_fence'),
           claims = claims + 1, until = now() + make_interval(secs => %(seconds)s)
    WHERE id = (
        SELECT l.id {DUE} AND l.workspace_id = %(workspace)s
          AND a.id <> ALL(%(busy)s)
        ORDER BY l.urgent DESC, l.not_before, l.id
        LIMIT 1 FOR UPDATE OF l SKIP LOCKED)
    RETURNING id, workspace_id, batch_id, low, high, handed, round, token
), served AS (
    UPDATE delivery_workspacequeue SET served_at = clock_timestamp()
    WHERE workspace_id = (SELECT workspace_id FROM claimed)
)
SELECT * FROM claimed
"""  # noqa: S608  (parts of our own)


@dataclass
class HeldLease:
    """A lease that this lane holds."""

    id: int
    workspace_id: int
    batch_id: int
    low: int
    high: int
    handed: int
    round: int
    token: int
    quota_id: int | None = None  # the quota that the last sub-batch was charged to


def claim(worker: str, busy: Sequence[int] = ()) -> HeldLease | None:
    """Claim a lease that is due, of no account in `busy`. Fair between workspaces, urgent leases first."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(WAITING, {"busy": list(busy)})
        for (workspace_id,) in cursor.fetchall():
            params = {"worker": worker, "seconds": settings.LEASE_SECONDS, "workspace": workspace_id}
            cursor.execute(CLAIM, {**params, "busy": list(busy)})
            row = cursor.fetchone()
            if row:
                return HeldLease(*row)
    return None


def is_any_due() -> bool:
    with connections["engine"].cursor() as cursor:
        cursor.execute(WAITING, {"busy": []})
        return cursor.fetchone() is not None


def hold_back(lease: HeldLease, account_id: int, holder: str, seconds: float) -> None:
    """Skip the account or the workspace for so many seconds, until its limit gives a token again."""
    table, where, key = {
        "account": ("delivery_provideraccount", "id", account_id),
        "workspace": ("delivery_workspacequeue", "workspace_id", lease.workspace_id),
    }[holder]
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET throttled_until = now() + make_interval(secs => %s) WHERE {where} = %s",  # noqa: S608
            [seconds, key],
        )


def release(lease: HeldLease, *, wait: float) -> None:
    """Give a lease back; it is due again after `wait` seconds. What was handed out stays handed out."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET state = %s, until = NULL, token = nextval('delivery_fence'), claims = 0, "
            "not_before = now() + make_interval(secs => %s) WHERE id = %s AND token = %s",
            [int(State.FREE), wait, lease.id, lease.token],
        )


def abandon(lease: HeldLease) -> None:
    """Let the lease expire now. All known outcomes are settled; what else was handed out is in doubt."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET until = now() WHERE id = %s AND token = %s AND state = %s",
            [lease.id, lease.token, int(State.TAKEN)],
        )


def finish(lease: HeldLease) -> None:
    """End a lease whose range was handed out and settled. Messages refused for now get a lease of the next round."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET state = %s, until = NULL WHERE id = %s AND token = %s RETURNING id",
            [int(State.DONE), lease.id, lease.token],
        )
        if cursor.fetchone():
            _lease_the_refused(cursor, lease)


def _lease_the_refused(cursor: CursorWrapper, lease: HeldLease) -> None:
    cursor.execute(
        "SELECT max(tries) FROM delivery_message WHERE batch_id = %s AND contact_id > %s AND contact_id <= %s "
        "AND state = %s AND round = %s",
        [lease.batch_id, lease.low, lease.high, int(Message.State.QUEUED), lease.round + 1],
    )
    tries = cursor.fetchone()[0]
    if tries is not None:
        cursor.execute(
            "INSERT INTO delivery_lease (workspace_id, batch_id, low, high, handed, round, state, worker, token, "
            "not_before, claims, urgent) VALUES (%s, %s, %s, %s, %s, %s, %s, '', 0, "
            "now() + make_interval(secs => %s), 0, "
            "(SELECT purpose <> 'marketing' FROM delivery_batch WHERE id = %s)) "
            "ON CONFLICT DO NOTHING",
            [
                lease.workspace_id,
                lease.batch_id,
                lease.low,
                lease.high,
                lease.low,
                lease.round + 1,
                int(State.FREE),
                backoff(tries),
                lease.batch_id,
            ],
        )


def backoff(tries: int) -> float:
    """Seconds until the next try: 1, 2, 4 ... minutes up to 2 hours, half of it random. 5 s where nothing was started
    (tries == 0)."""
    if tries == 0:
        return 5.0
    longest = min(7200.0, 60.0 * 2 ** (tries - 1))
    return longest / 2 + random.uniform(0, longest / 2)  # noqa: S311  (jitter)
