"""How a batch is getting on: how fast, what limits it, how long it will take. For pages; it only reports what the
engine itself knows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections
from django.utils import timezone

from billing.models import Quota
from delivery.models import Batch, Lease
from delivery.sending import limits

MEASURE = """
UPDATE delivery_batch b SET paced = ended.n, paced_at = now(),
       pace = greatest(0, (ended.n - b.paced) / extract(epoch FROM now() - b.paced_at))
FROM (SELECT o.id, coalesce(sum(t.n), 0) AS n FROM delivery_batch o
      LEFT JOIN delivery_tally t ON t.workspace_id = o.workspace_id AND t.batch_id = o.id
           AND t.fact IN ('accepted', 'failed', 'unknown')
      WHERE o.finished_at IS NULL AND o.paced_at < now() - interval '3 seconds' GROUP BY o.id) ended
WHERE b.id = ended.id AND b.finished_at IS NULL
"""


@dataclass(frozen=True)
class Status:
    per_hour: int | None  # of the tightest limit; None if there is no limit
    limit: str  # what kind of limit: "account", "ip", "warm-up"
    remaining_hours: int | None
    per_second: float  # over the last seconds
    remaining_seconds: int | None
    workers: int  # lanes that work on it now
    quota_used_up: int | None  # what the period allowed, if nothing is left of it


def of_batches(batches: Sequence[Batch], open_count: int) -> Status:
    """How batches are getting on together, at least one, in the scope of their workspace. `open_count`: the number of
    open messages, which callers have."""
    going = [batch for batch in batches if not batch.is_over]
    found = {limit.key: limit for batch in going or batches[:1] for limit in limits.of_batch(batch)}
    tightest = min(found.values(), key=lambda limit: limit.per_second, default=None)
    per_hour = round(tightest.per_second * 3600) if tightest else None
    slow = tightest is not None and tightest.burst_seconds > 1  # limits per second are not worth telling
    pace = sum(batch.pace for batch in going)
    taken = Lease.objects.filter(batch__in=going, state=Lease.State.TAKEN, until__gt=timezone.now())
    return Status(
        per_hour=per_hour if slow else None,
        limit=tightest.key.partition(":")[0] if tightest and slow else "",
        remaining_hours=math.ceil(open_count / per_hour) if slow and per_hour else None,
        per_second=pace,
        remaining_seconds=math.ceil(open_count / pace) if pace else None,
        workers=taken.values("worker").distinct().count(),
        quota_used_up=_exhausted_quota(batches[0]),
    )


def _exhausted_quota(batch: Batch) -> int | None:
    quota = Quota.objects.current(batch.channel).first()
    return quota.most if quota and not quota.left else None


def measure_pace() -> None:
    """Record how many messages per second each open batch has ended since the last call; called every few seconds."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(MEASURE)
