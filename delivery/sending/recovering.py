"""Recovery of the leases of a lane that died, and the end of batches."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from accounts import language
from delivery import batching, day_facts, tallies
from delivery.day_facts import Change
from delivery.events import BatchFinished
from delivery.models import Batch, Lease, Message
from delivery.sending import mass_refusals
from delivery.sending.leases import HeldLease
from kernel.events import publish
from kernel.tenancy import scope

log = logging.getLogger("fanfare.delivery")

MAX_CLAIMS = 3

State = Message.State

LOST_LEASES = f"""
SELECT id, workspace_id, batch_id, low, high, handed, round, token, claims FROM delivery_lease
WHERE state = {Lease.State.TAKEN:d} AND (until < now() OR worker = ANY(%s))
ORDER BY until LIMIT 100 FOR UPDATE SKIP LOCKED
"""  # noqa: S608  (numbers of our enumerations)

# Up to `handed`, a call may have been started.
DOUBT_THE_HANDED = f"""
UPDATE delivery_message m SET state = {State.UNKNOWN:d}, reason = 'worker_lost', settled_at = now()
WHERE batch_id = %s AND contact_id > %s AND contact_id <= %s AND state = {State.QUEUED:d} AND round = %s
RETURNING contact_id, {day_facts.COUNTED}
"""  # noqa: S608  (numbers of our enumerations)

FREE_LEASE = f"""
UPDATE delivery_lease SET state = {Lease.State.FREE:d}, until = NULL, token = nextval('delivery_fence') WHERE id = %s
"""  # noqa: S608  (numbers of our enumerations)

END_QUEUED = f"""
UPDATE delivery_message m SET state = %s, reason = %s, settled_at = now()
WHERE batch_id = %s AND contact_id > %s AND contact_id <= %s AND state = {State.QUEUED:d}
RETURNING contact_id, {day_facts.COUNTED}
"""  # noqa: S608  (numbers of our enumerations)

FINISH = f"""
UPDATE delivery_batch b SET finished_at = now(), state = CASE state WHEN 'cancelled' THEN state ELSE 'finished' END
WHERE id = %s AND finished_at IS NULL AND filled_at IS NOT NULL AND decision = ''
  AND NOT EXISTS (SELECT FROM delivery_lease l WHERE l.batch_id = b.id AND l.state < {Lease.State.DONE:d})
"""  # noqa: S608  (numbers of our enumerations)
FINISH_BATCH = f"{FINISH} RETURNING workspace_id"
# Nobody waits for the end of a service mail or a test, and nobody has to decide about one.
FINISH_UNANNOUNCED = f"{FINISH} AND purpose <> '{Batch.Purpose.MARKETING}'"


class Ended(NamedTuple):
    """What became of a message of a lease, and the reason that its tally names."""

    lease: HeldLease
    reason: str
    change: Change


def reap(dead_owners: Sequence[str] = ()) -> int:
    """Free the leases that expired, and those of owners that are known to be dead. Beyond `handed` nothing was sent,
    and those messages can be sent by another lane. Up to it, what is not settled becomes unknown and is never sent
    again automatically. Returns how many leases were freed."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(LOST_LEASES, [list(dead_owners)])
        lost = [(HeldLease(*row), claims) for *row, claims in cursor.fetchall()]
        ended: list[Ended] = []
        for lease, claims in lost:
            cursor.execute(DOUBT_THE_HANDED, [lease.batch_id, lease.low, lease.handed, lease.round])
            ended += _ended(cursor, lease, "unknown", "worker_lost")
            cursor.execute(FREE_LEASE, [lease.id])
            if claims >= MAX_CLAIMS:
                ended += _set_aside(cursor, lease)
        _count(cursor, ended)
    return len(lost)


def _set_aside(cursor: CursorWrapper, lease: HeldLease) -> list[Ended]:
    """End a lease on which three workers died before they could hand out anything: nothing was sent, and a fourth
    worker would die, too. Its messages fail, so that a person can look at them and try again. Returns what changed."""
    log.error("lease %s of batch %s was set aside after %s claims", lease.id, lease.batch_id, MAX_CLAIMS)
    cursor.execute("UPDATE delivery_lease SET state = %s WHERE id = %s", [int(Lease.State.DONE), lease.id])
    cursor.execute(END_QUEUED, [int(State.FAILED), "poison", lease.batch_id, lease.low, lease.high])
    return _ended(cursor, lease, "failed", "poison")


def close_range(lease: HeldLease, state: Message.State, fact: str) -> None:
    """The batch was cancelled or has expired: end the unsent messages of the lease's range with that state."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET state = %s, until = NULL WHERE id = %s AND token = %s RETURNING id",
            [int(Lease.State.DONE), lease.id, lease.token],
        )
        if cursor.fetchone() is None:
            return
        # Up to `handed`, only messages that wait for another round are still queued: this lane has settled the rest.
        cursor.execute(END_QUEUED, [int(state), fact, lease.batch_id, lease.low, lease.high])
        _count(cursor, _ended(cursor, lease, fact, ""))


def _ended(cursor: CursorWrapper, lease: HeldLease, fact: str, reason: str) -> list[Ended]:
    """The messages that the statement before has ended, which returns their contact, units and cost."""
    rows = cursor.fetchall()
    return [Ended(lease, reason, Change(contact_id, fact, units, cost)) for contact_id, units, cost in rows]


def _count(cursor: CursorWrapper, ended: list[Ended]) -> None:
    """Raise the tallies and days of messages of any leases, after all messages: see day_facts."""
    counts = Counter((of.lease.workspace_id, of.lease.batch_id, of.change.fact, of.reason) for of in ended)
    tallies.add_of_all(cursor, counts)
    day_facts.add_all(cursor, [(of.lease.workspace_id, of.lease.batch_id, of.change) for of in ended])


def finish_if_done(batch_id: int) -> bool:
    """End the batch if it is filled and no lease is open, and tell the apps above. That is counted, never inferred from
    finding no work. Returns whether this call ended the batch. A batch of which a third failed for one reason does not
    end: it is held, for a person to decide.

    The event is published before the end is committed: if this process dies in between, the next tick ends the batch
    and publishes once more. Listeners lock the batch, so they see it ended, or not ended at all.

    Batches that are no marketing end in one statement, without an event.
    """
    with connections["engine"].cursor() as cursor:
        cursor.execute(FINISH_UNANNOUNCED, [batch_id])
        if cursor.rowcount:
            return True
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(FINISH_BATCH, [batch_id])
        row = cursor.fetchone()
        if row is None:
            return False
        (workspace_id,) = row
        found = mass_refusals.find(cursor, batch_id)
        if found is None:
            with scope(workspace_id):
                publish(BatchFinished(batch_id=batch_id))
            return True
        transaction.set_rollback(True, using="engine")
    ask_for_decision(batch_id, workspace_id, found)
    return False


def hold_if_many_failed(lease: HeldLease) -> None:
    """Hold the batch if so many of its messages have failed for one reason that a person should decide."""
    with connections["engine"].cursor() as cursor:
        found = mass_refusals.find(cursor, lease.batch_id)
    if found is not None:
        ask_for_decision(lease.batch_id, lease.workspace_id, found)


def ask_for_decision(batch_id: int, workspace_id: int, found: mass_refusals.MassRefusal) -> None:
    with language.of_workspace(workspace_id):
        batching.hold(batch_id, mass_refusals.sentence(found), decision=found.reason)
