"""Writing down what came of the calls: in sets, compared with the lease's token, counted in the same transaction."""

from __future__ import annotations

from collections import Counter

from django.db import connections, transaction

from contacts import consent
from delivery.batching import FACT_OF_STATE, add_tallies
from delivery.channels.base import Outcome, Result
from delivery.models import Message
from delivery.sending.leases import Held

MOST_TRIES = 6

State = Message.State
SETTLE = """
UPDATE delivery_message m SET state = u.state, round = m.round + u.later, tries = m.tries + u.tried,
       reason = u.reason, detail = u.detail, settled_at = CASE u.state WHEN 0 THEN NULL ELSE now() END,
       bounced_at = CASE WHEN u.hard THEN now() ELSE m.bounced_at END
FROM unnest(%(ids)s::bigint[], %(states)s::smallint[], %(later)s::smallint[], %(tried)s::smallint[],
            %(reasons)s::text[], %(details)s::text[], %(hard)s::boolean[])
     AS u(id, state, later, tried, reason, detail, hard)
WHERE m.batch_id = %(batch)s AND m.contact_id = u.id AND m.state = 0 AND m.round = %(round)s
  AND EXISTS (SELECT FROM delivery_lease l WHERE l.id = %(lease)s AND l.token = %(token)s)
RETURNING m.contact_id, m.state, m.tries, m.reason, u.hard
"""


def settle(lease: Held, outcomes: list[tuple[int, Outcome]]) -> None:
    """Record the outcomes by contact id. Where the lease was lost meanwhile, nothing changes: recovery has decided."""
    if not outcomes:
        return
    rows = [_row(contact_id, outcome) for contact_id, outcome in outcomes]
    names = ("ids", "states", "later", "tried", "reasons", "details", "hard")
    params: dict = dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))
    params |= {"batch": lease.batch_id, "round": lease.round, "lease": lease.id, "token": lease.token}
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(SETTLE, params)
        written = cursor.fetchall()
        counts = Counter((FACT_OF_STATE[state], reason) for _, state, _, reason, _ in written if state != State.QUEUED)
        tired = [contact_id for contact_id, state, tries, _, _ in written if state == 0 and tries >= MOST_TRIES]
        counts += _give_up(cursor, lease, tired)
        dead = [contact_id for contact_id, *_, hard in written if hard]
        if dead:
            consent.take_down(cursor, lease.workspace_id, dead, "bounced")
            counts["bounced", ""] += len(dead)
        add_tallies(cursor, lease.workspace_id, lease.batch_id, counts)


def _row(contact_id: int, outcome: Outcome) -> tuple:
    state = {
        Result.ACCEPTED: State.ACCEPTED,
        Result.HARD: State.FAILED,
        Result.REFUSED: State.FAILED,
        Result.UNKNOWN: State.UNKNOWN,
    }.get(outcome.result, State.QUEUED)
    again = int(state == State.QUEUED)
    tried = int(outcome.result == Result.LATER)
    reason = "" if outcome.result == Result.ACCEPTED else outcome.reason
    detail = outcome.detail.replace("\0", "")
    return contact_id, int(state), again, tried, reason, detail, outcome.result == Result.HARD


def _give_up(cursor, lease: Held, contact_ids: list[int]) -> Counter:
    if not contact_ids:
        return Counter()
    cursor.execute(
        "UPDATE delivery_message SET state = 2, reason = 'gave_up', settled_at = now() "
        "WHERE batch_id = %s AND contact_id = ANY(%s) AND state = 0",
        [lease.batch_id, contact_ids],
    )
    return Counter({("failed", "gave_up"): len(contact_ids)})
