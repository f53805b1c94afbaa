"""Retries of failed messages, and a person's decisions about unknown ones. Nothing is ever deleted.

A retry is a batch of its own, with the content of the original one, for the people concerned. Their original messages
keep their state and record which batch tried again, so nobody is in two retries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connections
from django.utils import timezone

from delivery import batching, day_facts, totals
from delivery.day_facts import Change
from delivery.models import Batch, Message, TrackedLink
from delivery.models.message import RETRIED
from kernel.jobs import enqueue

# Not retried: an address that does not exist stays so.
NEVER_AGAIN = {"user_unknown", "host_unknown"}


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
    before = batching.FACT_OF_STATE[state]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "WITH old AS MATERIALIZED (SELECT contact_id, reason FROM delivery_message WHERE batch_id = %s "
            "AND state = %s AND reason = ANY(%s) FOR UPDATE), moved AS ("
            "UPDATE delivery_message m SET state = %s, reason = %s FROM old "
            "WHERE m.batch_id = %s AND m.contact_id = old.contact_id) SELECT reason, array_agg(contact_id) FROM old "
            "GROUP BY 1",
            [batch.pk, int(state), reasons, int(to), reason, batch.pk],
        )
        moved = dict(cursor.fetchall())
        counts = {old: len(contacts) for old, contacts in moved.items()}
        n = sum(counts.values())
        changes = Counter({(before, old): -number for old, number in counts.items()})
        changes[batching.FACT_OF_STATE[to], "" if to == Message.State.ACCEPTED else reason] += n
        batching.add_tallies(cursor, batch.workspace_id, batch.pk, changes)
        if to != state:
            people = [contact_id for contacts in moved.values() for contact_id in contacts]
            ended = [Change(contact_id, before, -1) for contact_id in people]
            ended += [Change(contact_id, batching.FACT_OF_STATE[to]) for contact_id in people]
            day_facts.add(cursor, batch.workspace_id, batch.pk, ended)
    return n
