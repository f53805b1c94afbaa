"""How many messages a death puts in doubt: counted in the database right after it, so that the bound is tight."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections

from delivery.models import Lease, Message
from tests.chaos.trying import until_it_works

HANDED_AND_OPEN = f"""
SELECT count(*) FROM delivery_lease l JOIN delivery_message m ON m.batch_id = l.batch_id
    AND m.contact_id > l.low AND m.contact_id <= l.handed AND m.round = l.round AND m.state = {Message.State.QUEUED:d}
WHERE l.state = {Lease.State.TAKEN:d} AND (%(everybody)s OR split_part(l.worker, ':', 3) = ANY(%(pids)s))
"""


def of_processes(pids: Iterable[int]) -> int:
    """Messages that these processes have handed out and not settled."""
    return _count(everybody=False, pids=[str(pid) for pid in pids])


def of_everybody() -> int:
    return _count(everybody=True, pids=[])


def _count(**params) -> int:
    def ask() -> int:
        with connections["owner"].cursor() as cursor:
            cursor.execute(HANDED_AND_OPEN, params)
            return cursor.fetchone()[0]

    return until_it_works(ask)
