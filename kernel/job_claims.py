"""The claims of one cluster, as its watchdog sees them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from django_q.conf import Conf

from kernel.job_broker import CLAIM_SECONDS

HELD = "SELECT job_id, pid FROM kernel_jobclaim WHERE cluster = %s AND pid <> 0"
PROLONG = "UPDATE django_q_ormq SET lock = now() + make_interval(secs => %s) WHERE id = ANY(%s)"
FREE = """
WITH freed AS (
    UPDATE kernel_jobclaim SET pid = 0, cluster = '' WHERE job_id = ANY(%s) AND cluster = %s RETURNING job_id
)
UPDATE django_q_ormq SET lock = now() WHERE id IN (SELECT job_id FROM freed)
"""
AT_WORK = """
SELECT count(*) FROM kernel_jobclaim
WHERE cluster = %s AND pid <> 0 AND started_at > now() - make_interval(secs => %s)
"""


def held_by(cluster: str) -> dict[int, int]:
    """{job id: process id} of the jobs that the cluster's processes hold."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(HELD, [cluster])
        return dict(cursor.fetchall())


def prolong(job_ids: Sequence[int]) -> None:
    """The processes that hold these jobs are alive."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(PROLONG, [CLAIM_SECONDS, list(job_ids)])


def free(job_ids: Sequence[int], cluster: str) -> None:
    """The processes of the cluster that held these jobs are dead: the jobs are due."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(FREE, [list(job_ids), cluster])


def count_at_work(cluster: str, seconds: float) -> int:
    """How many of the cluster's workers are at work on a job that began within so many seconds."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(AT_WORK, [cluster, seconds])
        return cursor.fetchone()[0]
