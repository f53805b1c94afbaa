"""Recording the outcomes of calls: in sets, only under the lease's current token, counted in the same transaction."""

from __future__ import annotations

from collections import Counter

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from delivery import day_facts, registry, tallies
from delivery.batching import FACT_OF_STATE
from delivery.channels.base import Outcome, Result
from delivery.channels.channel import Channel
from delivery.day_facts import Change
from delivery.models import Message
from delivery.models.message import MAILBOX_REASONS
from delivery.sending.leases import HeldLease

MAX_TRIES = 6
MAX_PROVIDER_ID = 200  # characters, as the column takes
SENDER = "sender"  # the reason of messages that wait because the sender was refused
ACCOUNT = "account_refused"  # the same, because the account was refused
REFUSALS = "refusals"  # the tally's fact that counts how often that happened

State = Message.State

WRITTEN = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, contact_id, 'accepted' AS fact, 1 AS n,
           units, cost FROM written WHERE (SELECT count(*) FROM tallies) > 0"""


ACCEPTED_TALLY = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, 'accepted' AS fact, '' AS reason,
           count(*) AS n FROM written"""


def _accepted(extra: str = "", arrays: str = "", names: str = "") -> str:
    return f"""
WITH written AS (
    UPDATE delivery_message m
    SET state = {State.ACCEPTED:d}, reason = '', detail = u.detail, settled_at = now(){extra}
    FROM unnest(%(ids)s::bigint[], %(details)s::text[]{arrays}) AS u(id, detail{names})
    WHERE m.batch_id = %(batch)s AND m.contact_id = u.id AND m.contact_id BETWEEN %(first)s AND %(last)s
      AND m.state = {State.QUEUED:d} AND m.round = %(round)s
      AND EXISTS (SELECT FROM delivery_lease l WHERE l.id = %(lease)s AND l.token = %(token)s)
    RETURNING m.contact_id, {day_facts.COUNTED}
), tallies AS ({tallies.raise_in_sql(ACCEPTED_TALLY)})
{day_facts.raise_in_sql(WRITTEN)}
"""  # noqa: S608  (parts of our own)


# What providers say beside the outcome. A value replaces what an earlier try has left.
EXTRAS = """, provider_id = coalesce(nullif(u.provider_id, ''), m.provider_id), units = coalesce(u.units, m.units),
       cost = coalesce(u.cost, m.cost)"""
EXTRA_ARRAYS = ", %(provider_ids)s::text[], %(units)s::smallint[], %(costs)s::bigint[]"
EXTRA_NAMES = ", provider_id, units, cost"

# The usual case, in the cheapest form: everything was accepted, and the provider has said nothing else.
ACCEPTED = _accepted()
ACCEPTED_WITH_EXTRAS = _accepted(EXTRAS, EXTRA_ARRAYS, EXTRA_NAMES)

# The message would wait for another try and has none left.
GIVES_UP = f"u.state = {State.QUEUED:d} AND m.tries + u.tried >= %(most)s"

OTHERS = f"""
UPDATE delivery_message m SET state = CASE WHEN {GIVES_UP} THEN {State.FAILED:d} ELSE u.state END,
       round = m.round + u.later, tries = m.tries + u.tried,
       -- The mailbox's state at the last try is kept as the reason: it says something about the address.
       reason = CASE WHEN {GIVES_UP} AND u.reason <> ALL(%(mailbox)s) THEN 'gave_up'
                ELSE u.reason END,
       detail = u.detail,
       settled_at = CASE WHEN u.state = {State.QUEUED:d} AND NOT ({GIVES_UP}) THEN NULL ELSE now() END,
       bounced_at = CASE WHEN u.hard THEN now() ELSE m.bounced_at END{EXTRAS}
FROM unnest(%(ids)s::bigint[], %(states)s::smallint[], %(later)s::smallint[], %(tried)s::smallint[],
            %(reasons)s::text[], %(details)s::text[], %(hard)s::boolean[]{EXTRA_ARRAYS})
     AS u(id, state, later, tried, reason, detail, hard{EXTRA_NAMES})
WHERE m.batch_id = %(batch)s AND m.contact_id = u.id AND m.contact_id BETWEEN %(first)s AND %(last)s
  AND m.state = {State.QUEUED:d} AND m.round = %(round)s
  AND EXISTS (SELECT FROM delivery_lease l WHERE l.id = %(lease)s AND l.token = %(token)s)
RETURNING m.contact_id, m.state, m.reason, u.hard, {day_facts.COUNTED}
"""  # noqa: S608  (numbers of our enumerations)


def settle(lease: HeldLease, outcomes: list[tuple[int, Outcome]]) -> None:
    """Record outcomes, given as (contact id, outcome). If the lease was lost meanwhile, nothing changes: recovery has
    decided.

    It can be repeated, after a database error for instance: messages that are recorded already are not queued any more.
    """
    accepted: list[tuple[int, Outcome]] = []
    others: list[tuple[int, Outcome]] = []
    for contact_id, outcome in outcomes:
        (accepted if outcome.result is Result.ACCEPTED else others).append((contact_id, outcome))
    params = {
        "batch": lease.batch_id,
        "workspace": lease.workspace_id,
        "round": lease.round,
        "lease": lease.id,
        "token": lease.token,
    }
    if accepted:
        ids = [contact_id for contact_id, _ in accepted]
        details = [outcome.detail.replace("\0", "") for _, outcome in accepted]
        is_plain = all(outcome.is_plain for _, outcome in accepted)
        statement = ACCEPTED if is_plain else ACCEPTED_WITH_EXTRAS
        extras = {} if is_plain else _extras(accepted)
        with connections["engine"].cursor() as cursor:
            cursor.execute(statement, {**params, **_bounds(ids), **extras, "ids": ids, "details": details})
    if others:
        _settle_others(lease, params, others)


def _settle_others(lease: HeldLease, params: dict, outcomes: list[tuple[int, Outcome]]) -> None:
    names = ("ids", "states", "later", "tried", "reasons", "details", "hard")
    columns = [list(column) for column in zip(*(_row(*outcome) for outcome in outcomes), strict=True)]
    params = {**params, **dict(zip(names, columns, strict=True)), "most": MAX_TRIES, "mailbox": list(MAILBOX_REASONS)}
    params |= _bounds(params["ids"]) | _extras(outcomes)
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(OTHERS, params)
        written = cursor.fetchall()
        counts = Counter((FACT_OF_STATE[state], reason) for _, state, reason, *_ in written if state != State.QUEUED)
        counts[REFUSALS, ""] = sum(
            state == State.QUEUED and reason in (SENDER, ACCOUNT) for _, state, reason, *_ in written
        )
        _give_back_quota(cursor, lease, sum(state != State.UNKNOWN for _, state, *_ in written))
        dead = [contact_id for contact_id, _, _, hard, *_ in written if hard]
        if dead:
            _channel_of(cursor, lease).mark_dead(cursor, lease.workspace_id, dead)
            counts["bounced", ""] += len(dead)
        tallies.add(cursor, lease.workspace_id, lease.batch_id, counts)
        ended = [
            Change(contact_id, FACT_OF_STATE[state], units, cost)
            for contact_id, state, _, _, units, cost in written
            if state != State.QUEUED
        ]
        ended += [Change(contact_id, "bounced") for contact_id in dead]
        day_facts.add(cursor, lease.workspace_id, lease.batch_id, ended)


def _channel_of(cursor: CursorWrapper, lease: HeldLease) -> Channel:
    cursor.execute("SELECT channel FROM delivery_batch WHERE id = %s", [lease.batch_id])
    return registry.channel(cursor.fetchone()[0])


def _bounds(ids: list[int]) -> dict[str, int]:
    """The range of these messages. Without it, PostgreSQL reads a whole batch that it has no statistics about."""
    return {"first": min(ids), "last": max(ids)}


def _extras(outcomes: list[tuple[int, Outcome]]) -> dict[str, list]:
    return {
        "provider_ids": [outcome.provider_id.replace("\0", "")[:MAX_PROVIDER_ID] for _, outcome in outcomes],
        "units": [outcome.units for _, outcome in outcomes],
        "costs": [outcome.cost for _, outcome in outcomes],
    }


def _row(contact_id: int, outcome: Outcome) -> tuple:
    state = {
        Result.HARD: State.FAILED,
        Result.REFUSED: State.FAILED,
        Result.UNKNOWN: State.UNKNOWN,
    }.get(outcome.result, State.QUEUED)
    again = int(state == State.QUEUED)
    tried = int(outcome.result == Result.LATER)
    detail = outcome.detail.replace("\0", "")
    return contact_id, int(state), again, tried, outcome.reason, detail, outcome.result == Result.HARD


def _give_back_quota(cursor: CursorWrapper, lease: HeldLease, n: int) -> None:
    """Messages that were definitely not sent cost nothing; those in doubt stay charged."""
    if lease.quota_id is not None and n:
        cursor.execute("UPDATE billing_quota SET used = used - %s WHERE id = %s", [n, lease.quota_id])
