"""The gate: one short transaction. Provider calls may start only after it.

It moves the lease's `handed` forward if the token still matches and nothing forbids sending (kill switch, pause,
cancel, expiry, quota), and reads which people of the next sub-batch may be written to at this moment. People who have
unsubscribed meanwhile are settled as skipped in the same transaction."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import connections

from contacts.consent import consent_rules
from contacts.identity import merge_values
from delivery import day_facts, send_rules, tallies
from delivery.models import Batch, Message
from delivery.sending.leases import HeldLease

State = Message.State

KILLED = """EXISTS (SELECT FROM delivery_control k WHERE k.lifted_at IS NULL AND (k.kind = 'all'
    OR (k.kind = 'channel' AND k.channel = b.channel) OR (k.kind = 'workspace' AND k.workspace_id = b.workspace_id))
    UNION ALL SELECT FROM delivery_deployment d WHERE d.held_at IS NOT NULL)"""

# One statement, so one snapshot and one commit. It waits for the row lock on the lease and then reads the token again;
# the sub-batch is read only if the lease is still this lane's. The sub-batch comes first, and each of its people is
# looked up (OFFSET 0): PostgreSQL knows nothing about a new batch, takes it for one row, and would join the whole lease
# or batch to find a few people. For the same reason both sides are bounded where messages are updated, and a person's
# workspace is compared outside: inside, each index that begins with the workspace looks as good as the primary key.
SKIPPED = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, contact_id, 'skipped' AS fact, 1 AS n,
           units, cost FROM skipped WHERE (SELECT count(*) FROM tallies) > 0"""
SKIPPED_TALLIES = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, 'skipped' AS fact, reason,
           count(*) AS n FROM skipped GROUP BY reason"""
PASS = f"""
WITH lease AS (
    SELECT l.id, l.handed, l.high FROM delivery_lease l JOIN delivery_batch b ON b.id = l.batch_id
    WHERE l.id = %(lease)s AND l.token = %(token)s AND l.until > now()
      AND b.state IN ('filling', 'sending') AND NOT b.is_paused AND b.expires_at > now() AND NOT {KILLED}
    FOR UPDATE OF l
), sub_batch AS MATERIALIZED (
    SELECT m.contact_id AS id, {{address}} AS recipient, c.email, c.phone, c.first_name, c.last_name, c.attributes,
           c.language, m.language AS body_language, {{forbidden}} AS forbidden
    FROM (SELECT m.contact_id, m.language FROM delivery_message m
          WHERE EXISTS (SELECT FROM lease) AND m.batch_id = %(batch)s AND m.contact_id > %(handed)s
            AND m.contact_id <= %(high)s AND m.state = {State.QUEUED:d} AND m.round = %(round)s
          ORDER BY m.contact_id LIMIT %(size)s) m
    LEFT JOIN LATERAL (SELECT * FROM contacts_contact WHERE id = m.contact_id OFFSET 0) c
        ON c.workspace_id = %(workspace)s
    {{suppression}}
), wanted AS (
    SELECT count(*) AS n FROM sub_batch WHERE forbidden IS NULL
), quota AS (
    SELECT q.id FROM billing_quota q WHERE q.workspace_id = %(workspace)s AND q.channel = %(channel)s
      AND q.starts_at <= now() AND q.ends_at > now() ORDER BY q.starts_at DESC LIMIT 1
), reserved AS (
    UPDATE billing_quota q SET used = q.used + wanted.n FROM quota, wanted
    WHERE q.id = quota.id AND (q.used + wanted.n <= q.most OR wanted.n = 0) RETURNING q.id
), moved AS (
    UPDATE delivery_lease l SET until = now() + make_interval(secs => %(seconds)s), claims = 0,
           handed = coalesce((SELECT max(id) FROM sub_batch), l.high)
    FROM lease WHERE l.id = lease.id AND (NOT EXISTS (SELECT FROM quota) OR EXISTS (SELECT FROM reserved))
    RETURNING l.handed
), skipped AS (
    UPDATE delivery_message m SET state = {State.SKIPPED:d}, reason = s.forbidden, settled_at = now()
    FROM sub_batch s, moved WHERE s.forbidden IS NOT NULL AND m.batch_id = %(batch)s AND m.contact_id = s.id
      AND m.contact_id > %(handed)s AND m.contact_id <= (SELECT max(id) FROM sub_batch)
      AND m.state = {State.QUEUED:d}
    RETURNING m.reason, m.contact_id, {day_facts.COUNTED}
), tallies AS ({tallies.raise_in_sql(SKIPPED_TALLIES)}), days AS ({day_facts.raise_in_sql(SKIPPED)})
SELECT moved.handed, (SELECT id FROM reserved), s.id, s.recipient, s.email, s.phone, s.first_name, s.last_name,
       s.attributes, s.language, s.body_language
FROM moved LEFT JOIN sub_batch s ON s.forbidden IS NULL ORDER BY s.body_language, s.id
"""  # noqa: S608

WHY_CLOSED = f"""
SELECT CASE WHEN l.token <> %(token)s OR l.until <= now() THEN 'lost'
            WHEN b.state = 'cancelled' THEN 'cancelled'
            WHEN b.expires_at <= now() THEN 'expired'
            WHEN {KILLED} THEN 'killed'
            WHEN b.is_paused THEN 'paused'
            ELSE 'quota' END
FROM delivery_lease l JOIN delivery_batch b ON b.id = l.batch_id WHERE l.id = %(lease)s
"""  # noqa: S608


@cache
def _pass(channel: str, purpose: str) -> str:
    is_test = purpose == Batch.Purpose.TEST
    # A test's recipient need not be a contact.
    address = "%(to)s" if is_test else f"c.{consent_rules.address_column(channel)}"
    forbidden = send_rules.forbidden(channel, is_test=is_test)
    # Numbers may have changed since the batch was filled.
    if same_number := send_rules.same_number(channel, purpose):
        forbidden = f"coalesce({forbidden}, {same_number})"
    return PASS.format(
        forbidden=forbidden,
        suppression=consent_rules.suppression(channel, address),
        address=address,
    )


class Closed(StrEnum):
    """Why the gate did not open."""

    LOST = "lost"  # the lease now belongs to another lane
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    KILLED = "killed"
    PAUSED = "paused"
    QUOTA = "quota"  # the quota has fewer messages left than were asked for


class Person(NamedTuple):
    contact_id: int
    recipient: str  # the address on the batch's channel
    email: str | None
    phone: str | None
    first_name: str
    last_name: str
    attributes: str  # JSON, parsed when the message is made
    language: str = ""
    body_language: str | None = None  # which body of the content is theirs, decided when the batch was filled

    def merge_values(self) -> dict:
        return merge_values.of_person(*self[2:8])


def pass_gate(lease: HeldLease, *, rules: dict, size: int) -> list[Person] | Closed:
    """The people whose calls may start now, or why none may. Moves lease.handed. `rules`: send_rules.params()."""
    params = rules | {
        "seconds": settings.LEASE_SECONDS,
        "batch": lease.batch_id,
        "workspace": lease.workspace_id,
        "lease": lease.id,
        "token": lease.token,
        "handed": lease.handed,
        "high": lease.high,
        "round": lease.round,
        "size": size,
    }
    with connections["engine"].cursor() as cursor:
        cursor.execute(_pass(rules["channel"], rules["purpose"]), params)
        rows = cursor.fetchall()
        if not rows:
            cursor.execute(WHY_CLOSED, params)
            found = cursor.fetchone()
            return Closed(found[0]) if found else Closed.LOST
    lease.handed, lease.quota_id = rows[0][:2]
    return [Person(*row[2:]) for row in rows if row[2] is not None]


def quota_left(workspace_id: int, channel: str) -> int:
    """How many messages the workspace may still send; 0 where the quota is used up."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT greatest(0, most - used) FROM billing_quota WHERE workspace_id = %s AND channel = %s "
            "AND starts_at <= now() AND ends_at > now() ORDER BY starts_at DESC LIMIT 1",
            [workspace_id, channel],
        )
        row = cursor.fetchone()
    return row[0] if row else 0
