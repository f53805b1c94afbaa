"""Who of a batch's audience it is for: a share of everybody, and except whom other batches have.

A share is a range of 10,000 buckets. A contact's bucket is a hash of the seed and the contact's id, so it is the same
whenever it is asked for, and batches whose ranges cover all buckets without overlapping have everybody once. Such
batches have one seed, and no others of the workspace have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from delivery.models import Batch, Lease, Message

BUCKETS = 10_000

BUCKET = f"mod(hashtextextended('share:' || %(share_seed)s || ':' || c.id, 0) & 9223372036854775807, {BUCKETS})"

# Whom a batch has: whoever has a message in it.
IN_ANOTHER = """EXISTS (SELECT FROM delivery_message had
    WHERE had.batch_id = ANY(%(excludes)s) AND had.contact_id = c.id OFFSET 0)"""
# Who was merged into a contact is the same person, so their messages count as the contact's own, in this batch, too.
# But not those that will never go, or the person would be forgotten: the gate skips who was merged away, and a message
# beyond its lease's `handed` has not passed the gate. (One that passes it in the milliseconds in which the merge ends
# and this is asked may still go.) Most workspaces have merged nobody, which is asked once.
MERGED = f"""(
    (SELECT EXISTS (SELECT FROM contacts_contact WHERE workspace_id = %(workspace)s AND merged_into_id IS NOT NULL))
    AND EXISTS (SELECT FROM contacts_contact gone
        JOIN delivery_message had ON had.batch_id = ANY(%(had_by)s) AND had.contact_id = gone.id
        WHERE gone.workspace_id = %(workspace)s AND gone.merged_into_id = c.id
          AND NOT (had.state = {Message.State.SKIPPED:d} AND had.reason = 'deleted')
          AND NOT (had.state = {Message.State.QUEUED:d} AND NOT EXISTS (
              SELECT FROM delivery_lease l WHERE l.batch_id = had.batch_id AND l.round = had.round
                AND l.low < gone.id AND l.high >= gone.id AND l.handed >= gone.id
                AND l.state < {Lease.State.DONE:d}))
        OFFSET 0))"""  # noqa: S608  (numbers of our enumerations)


@dataclass(frozen=True)
class Share:
    """The buckets from `first` on and before `end`. Raises ValueError for a range that is none."""

    seed: int
    first: int = 0
    end: int = BUCKETS

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.end <= BUCKETS:
            raise ValueError(f"A share is a range of 0 to {BUCKETS}, not {self.first} to {self.end}.")

    @classmethod
    def equal(cls, seed: int, n: int) -> list[Share]:
        """`n` shares of the same size, which together are everybody."""
        ends = [BUCKETS * k // n for k in range(n + 1)]
        return [cls(seed, first, end) for first, end in pairwise(ends)]


EVERYBODY = Share(seed=0)


def condition(batch: Batch) -> tuple[str, dict]:
    """SQL over the contact `c` for whom of its audience the batch takes, and the parameters beside %(batch)s and
    %(workspace)s."""
    parts: list[str] = []
    params: dict[str, object] = {}
    if batch.purpose == Batch.Purpose.MARKETING:
        parts.append(f"NOT {MERGED}")
        params["had_by"] = [batch.pk, *batch.excludes, *_other_shares(batch)]
    if batch.excludes:
        parts.append(f"NOT {IN_ANOTHER}")
        params["excludes"] = batch.excludes
    if not _is_for_everybody(batch):
        parts.append(f"{BUCKET} >= %(share_first)s AND {BUCKET} < %(share_end)s")
        params |= {
            "share_seed": str(batch.share_seed),
            "share_first": batch.share_first,
            "share_end": batch.share_end,
        }
    return " AND ".join(parts) or "true", params


def _is_for_everybody(batch: Batch) -> bool:
    return (batch.share_first, batch.share_end) == (0, BUCKETS)


def _other_shares(batch: Batch) -> list[int]:
    """The ids of the batches that have the other shares: who was merged into a contact may have had a bucket of
    theirs."""
    if _is_for_everybody(batch):
        return []
    others = Batch.objects.filter(workspace_id=batch.workspace_id, share_seed=batch.share_seed).exclude(pk=batch.pk)
    return list(others.exclude(share_first=0, share_end=BUCKETS).values_list("pk", flat=True))
