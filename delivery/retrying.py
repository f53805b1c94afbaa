"""Retries of failed messages, and a person's decisions about unknown ones. Nothing is ever deleted.

A retry is a batch of its own, with the content of the original one, for the people concerned. Their original messages
keep their state and record which batch tried again, so nobody is in two retries.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connections
from django.utils import timezone

from delivery import batching, day_facts, tallies, totals
from delivery.models import Batch, Message, TrackedLink
from delivery.models.message import RETRIED
from kernel.jobs import enqueue

# Not retried: an address that does not exist stays so.
NEVER_AGAIN = {"user_unknown", "host_unknown"}

# `tallies` first, see day_facts. A message that only gets another reason is no event of the day.
DAYS = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, contact_id, fact, n,
           n * units AS units, n * cost AS cost
    FROM old CROSS JOIN (VALUES (%(before)s::text, -1), (%(after)s::text, 1)) AS change (fact, n)
    WHERE %(before)s <> %(after)s AND (SELECT count(*) FROM tallies) > 0"""
TALLIES = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, fact, reason, n
    FROM (SELECT %(before)s::text AS fact, reason, -count(*) AS n FROM old GROUP BY reason
          UNION ALL SELECT %(after)s, %(tallied)s, count(*) FROM old) moves"""
MOVE = f"""
WITH old AS MATERIALIZED (
    SELECT m.contact_id, m.reason, {day_facts.COUNTED} FROM delivery_message m
    WHERE m.batch_id = %(batch)s AND m.state = %(state)s AND m.reason = ANY(%(reasons)s) FOR UPDATE
), moved AS (
    UPDATE delivery_message m SET state = %(to)s, reason = %(reason)s FROM old
    WHERE m.batch_id = %(batch)s AND m.contact_id = old.contact_id
), tallies AS ({tallies.raise_in_sql(TALLIES)}), days AS ({day_facts.raise_in_sql(DAYS)})
SELECT count(*) FROM old
"""  # noqa: S608  (parts of our own)


def problems(batches: Iterable[int]) -> dict[str, list[tuple[str, int]]]:
    """{"failed" | "unknown": [(reason, how many)]} of the batches with these ids, the most frequent first, without
    messages that were retried."""
    found = totals.by_reason(totals.of_batches(batches))
    return {
        fact: [(reason, n) for reason, n in found.get(fact, []) if not reason.startswith(RETRIED)]
        for fact in ("failed", "unknown")
    }


def retry(batch: Batch, reasons: list[str], *, state: Message.State = Message.State.FAILED) -> Batch | None:
    """Open a batch for the messages that failed (or, if a person wants it, are unknown) for these reasons, in the
    caller's transaction. Returns None if there are none. Consent is checked again, as for every batch."""
    wanted = [reason for reason in _offered(batch, state, reasons) if reason not in NEVER_AGAIN]
    again = Batch.objects.create(
        name=batch.name,
        purpose=batch.purpose,
        channel=batch.channel,
        content=batch.content,
        parameters=batch.parameters,
        account=batch.account,
        source="retry",
        audience={},
        topic=batch.topic,
        origin_id=batch.pk,
        expires_at=timezone.now() + timedelta(hours=settings.BATCH_EXPIRES_HOURS),
    )
    if not _move(batch, state, wanted, state, f"{RETRIED}{again.pk}"):
        again.delete()
        return None
    links = TrackedLink.objects.filter(batch=batch)
    TrackedLink.objects.bulk_create(
        [TrackedLink(batch=again, n=link.n, url=link.url, prefix=link.prefix) for link in links]
    )
    enqueue("delivery.fill_batch", batch_id=again.pk)
    return again


def count_as_sent(batch: Batch, reasons: list[str]) -> int:
    """Count unknown messages as sent, as a person has decided. Returns how many."""
    offered = _offered(batch, Message.State.UNKNOWN, reasons)
    return _move(batch, Message.State.UNKNOWN, offered, Message.State.ACCEPTED, "decided")


def _offered(batch: Batch, state: Message.State, reasons: list[str]) -> list[str]:
    """Those of the reasons that `problems` offers. Reasons come from a form: one that says "retried:7" would send again
    what another retry has sent."""
    offered = {reason for reason, _n in problems([batch.pk])[batching.FACT_OF_STATE[state]]}
    return [reason for reason in reasons if reason in offered]


def _move(batch: Batch, state: Message.State, reasons: list[str], to: Message.State, reason: str) -> int:
    """Move messages of a state and some reasons to another state and reason, with the tallies. Returns how many."""
    after = batching.FACT_OF_STATE[to]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            MOVE,
            {
                "workspace": batch.workspace_id,
                "batch": batch.pk,
                "state": int(state),
                "reasons": reasons,
                "to": int(to),
                "reason": reason,
                "before": batching.FACT_OF_STATE[state],
                "after": after,
                "tallied": "" if to == Message.State.ACCEPTED else reason,
            },
        )
        return cursor.fetchone()[0]
