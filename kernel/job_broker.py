"""The queue in PostgreSQL, with a claim for each job that a process holds.

The ORM broker of django-q2 locks a row for the queue's `retry` time, whoever holds it, so the jobs of a killed worker
waited for minutes. A claim names the process. It is short, and the watchdog prolongs it while the process lives.
"""

from __future__ import annotations

import logging
import os

from django.db import close_old_connections, connections
from django.db.backends.utils import CursorWrapper
from django.db.models.manager import BaseManager
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

log = logging.getLogger("fanfare.worker")

CLAIM_SECONDS = 30  # without news from the watchdog of its machine, a claim is void after this time
RETRY_SECONDS = 60  # until a job that failed is tried again
MAX_CLAIMS = 5
CLUSTER_ID = "Q_CLUSTER_ID"  # in the environment of a queue's processes

CLAIM = """
WITH next AS (
    SELECT id FROM django_q_ormq WHERE key = ANY(%(keys)s) AND lock <= now()
    ORDER BY key <> %(own)s, id LIMIT 1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE django_q_ormq q SET lock = now() + make_interval(secs => %(seconds)s)
    FROM next WHERE q.id = next.id RETURNING q.id, q.payload
), claimed AS (
    INSERT INTO kernel_jobclaim AS c (job_id, queue, cluster, pid, claims, claimed_at)
    SELECT id, %(queue)s, %(cluster)s, %(pid)s, 1, now() FROM taken
    ON CONFLICT (job_id) DO UPDATE SET queue = excluded.queue, cluster = excluded.cluster, pid = excluded.pid,
        claims = c.claims + 1, claimed_at = now(), started_at = NULL
    RETURNING job_id, claims
)
SELECT t.id, t.payload, c.claims FROM taken t JOIN claimed c ON c.job_id = t.id
"""

START = "UPDATE kernel_jobclaim SET pid = %s, started_at = now() WHERE job_id = %s AND cluster = %s"

END = """
WITH ended AS (DELETE FROM kernel_jobclaim WHERE job_id = %s AND cluster = %s RETURNING job_id)
DELETE FROM django_q_ormq WHERE id IN (SELECT job_id FROM ended)
"""

PUT_BACK = """
WITH held AS (UPDATE kernel_jobclaim SET pid = 0, claims = 0 WHERE job_id = %s AND cluster = %s RETURNING job_id)
UPDATE django_q_ormq SET lock = now() + make_interval(secs => %s) WHERE id IN (SELECT job_id FROM held)
"""


def cluster_id() -> str:
    """The run of the queue's processes to which this one belongs. Empty outside of them."""
    return os.environ.get(CLUSTER_ID, "")


def own_key(queue: str, cluster: str) -> str:
    """The key of jobs that only this cluster takes: the watchdog's questions whether it is well."""
    return f"{queue}@{cluster}"


class Broker(ORM):
    """For django-q2's `broker_class`."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> BaseManager[OrmQ]:
        """Unlike the ORM broker's, this asks nothing of the database, which may be away when a broker is made."""
        return OrmQ.objects.using(Conf.ORM)

    def enqueue(self, task: str) -> int:
        """The row is due by the database's clock: those of several machines differ."""
        with self._cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_q_ormq (key, payload, lock) VALUES (%s, %s, now()) RETURNING id",
                [self.list_key or Conf.CLUSTER_NAME, task],
            )
            return cursor.fetchone()[0]

    def dequeue(self) -> list[tuple[int, str]]:
        """Claim the next job that is due, the watchdog's first. An empty list if there is none."""
        close_old_connections()
        own = own_key(self.list_key, cluster_id())
        params = {
            "keys": [self.list_key, own],
            "own": own,
            "queue": self.list_key,
            "cluster": cluster_id(),
            "pid": os.getpid(),
            "seconds": CLAIM_SECONDS,
        }
        with self._cursor() as cursor:
            cursor.execute(CLAIM, params)
            found = cursor.fetchone()
        if found is None:
            return []
        job_id, payload, claims = found
        if claims > MAX_CLAIMS:
            log.error("job %s of queue %s ended %s processes and is dropped", job_id, self.list_key, MAX_CLAIMS)
            self.acknowledge(job_id)
            return []
        return [(job_id, payload)]

    def start(self, job_id: int) -> None:
        """This process works on the job from now on."""
        with self._cursor() as cursor:
            cursor.execute(START, [os.getpid(), job_id, cluster_id()])

    def acknowledge(self, job_id: int) -> None:
        """The job is done. Nothing happens if another cluster has claimed it meanwhile."""
        with self._cursor() as cursor:
            cursor.execute(END, [job_id, cluster_id()])

    def fail(self, job_id: int) -> None:
        """The job can't be read: drop it."""
        self.acknowledge(job_id)

    def put_back(self, job_id: int) -> None:
        """The job failed: it is tried again in a minute. django-q2 counts the failures and drops it in the end."""
        with self._cursor() as cursor:
            cursor.execute(PUT_BACK, [job_id, cluster_id(), RETRY_SECONDS])

    @staticmethod
    def _cursor() -> CursorWrapper:
        return connections[Conf.ORM].cursor()
