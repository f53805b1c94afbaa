"""How a batch is getting on: how fast, what holds it back, how long it will take. Read by pages; works nothing out that
the engine does not know."""

from __future__ import annotations

import math
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
    per_hour: int | None  # of the tightest limit; None where nothing holds it back
    limit: str  # what kind of limit: "account", "ip", "warm-up"
    remaining_hours: int | None
    per_second: float  # over the last seconds
    remaining_seconds: int | None
    workers: int  # lanes that are at it
    quota_used_up: int | None  # how many the period allowed, where none is left


def of_batch(batch: Batch, open_: int) -> Status:
    """In the batch's workspace. `open_`: how many messages are open, which whoever asks has counted already."""
    tightest = min(limits.of_batch(batch), key=lambda limit: limit.per_second, default=None)
    per_hour = round(tightest.per_second * 3600) if tightest else None
    slow = tightest is not None and tightest.burst_seconds > 1  # limits by the second are no news to anybody
    pace = 0.0 if batch.is_over else batch.pace
    taken = Lease.objects.filter(batch=batch, state=Lease.State.TAKEN, until__gt=timezone.now())
    return Status(
        per_hour=per_hour if slow else None,
        limit=tightest.key.partition(":")[0] if slow else "",
        remaining_hours=math.ceil(open_ / per_hour) if slow and per_hour else None,
        per_second=pace,
        remaining_seconds=math.ceil(open_ / pace) if pace else None,
        workers=taken.values("worker").distinct().count(),
        quota_used_up=_used_up(batch),
    )


def _used_up(batch: Batch) -> int | None:
    quota = Quota.objects.current(batch.channel).first()
    return quota.most if quota and not quota.left else None


def measure_pace() -> None:
    """How many messages each open batch ended a second since the last time; called every few seconds."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(MEASURE)
