"""What is done about a lane that died, and how a batch ends."""

from __future__ import annotations

import logging

from django.db import connections, transaction

from delivery.batching import add_tallies
from delivery.models import Message
from delivery.sending.leases import Held

log = logging.getLogger("fanfare.delivery")

MOST_CLAIMS = 3

LOST = """
SELECT id, workspace_id, batch_id, low, high, handed, round, token, claims FROM delivery_lease
WHERE state = 1 AND until < now() ORDER BY until LIMIT 100 FOR UPDATE SKIP LOCKED
"""


def reap() -> int:
    """Free the leases that expired: beyond `handed` nothing was sent and the ids are free again; up to it, whatever is
    not settled is unknown, and never sent again by itself. Returns how many leases were freed."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(LOST)
        lost = [(Held(*row), claims) for *row, claims in cursor.fetchall()]
        for lease, claims in lost:
            cursor.execute(
                "UPDATE delivery_message SET state = 3, reason = 'worker_lost', settled_at = now() "
                "WHERE batch_id = %s AND contact_id > %s AND contact_id <= %s AND state = 0 AND round = %s",
                [lease.batch_id, lease.low, lease.handed, lease.round],
            )
            add_tallies(cursor, lease.workspace_id, lease.batch_id, {("unknown", "worker_lost"): cursor.rowcount})
            cursor.execute(
                "UPDATE delivery_lease SET state = 0, until = NULL, token = nextval('delivery_fence') WHERE id = %s",
                [lease.id],
            )
            if claims >= MOST_CLAIMS:
                _set_aside(cursor, lease)
    return len(lost)


def _set_aside(cursor, lease: Held) -> None:
    """Three workers died before they could hand out anything of it: nothing was sent, and a fourth would die, too. It
    ends as failed, to be looked at and tried again by a person."""
    log.error("lease %s of batch %s was set aside after %s claims", lease.id, lease.batch_id, MOST_CLAIMS)
    cursor.execute("UPDATE delivery_lease SET state = 2 WHERE id = %s", [lease.id])
    cursor.execute(
        "UPDATE delivery_message SET state = 2, reason = 'poison', settled_at = now() "
        "WHERE batch_id = %s AND contact_id > %s AND contact_id <= %s AND state = 0",
        [lease.batch_id, lease.low, lease.high],
    )
    add_tallies(cursor, lease.workspace_id, lease.batch_id, {("failed", "poison"): cursor.rowcount})


def close_range(lease: Held, state: Message.State, fact: str) -> None:
    """The batch was cancelled or is too late: what of the range was not sent ends as that."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET state = 2, until = NULL WHERE id = %s AND token = %s RETURNING id",
            [lease.id, lease.token],
        )
        if cursor.fetchone() is None:
            return
        # Up to `handed` only what waits for another round: the rest is this lane's own, and settled already.
        cursor.execute(
            "UPDATE delivery_message SET state = %s, reason = %s, settled_at = now() WHERE batch_id = %s "
            "AND contact_id > %s AND contact_id <= %s AND state = 0",
            [int(state), fact, lease.batch_id, lease.low, lease.high],
        )
        add_tallies(cursor, lease.workspace_id, lease.batch_id, {(fact, ""): cursor.rowcount})


def finish_if_done(batch_id: int) -> int | None:
    """End the batch where it is filled and no lease is open: counted, never inferred from an empty page. Returns its
    workspace's id if this call ended it."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_batch b SET finished_at = now(), "
            "state = CASE state WHEN 'cancelled' THEN state ELSE 'finished' END "
            "WHERE id = %s AND finished_at IS NULL AND filled_at IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM delivery_lease l WHERE l.batch_id = b.id AND l.state < 2) "
            "RETURNING workspace_id",
            [batch_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None
