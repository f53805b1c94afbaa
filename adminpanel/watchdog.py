"""Keeps the queues of this machine running.

Each queue's processes run in a session of their own (`kernel.job_cluster`). The watchdog starts a successor when they
end or no longer answer, and frees what dead processes held: their jobs and their leases. It also enqueues the recurring
jobs.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connections
from django_q.models import OrmQ

from adminpanel.queue_cluster import QueueCluster
from kernel.jobs import JOBS, enqueue
from kernel.lifeline import GRACE

log = logging.getLogger("fanfare.worker")

LOOK_EVERY = 0.5  # seconds, at the processes
CLAIMS_EVERY = 1.0  # seconds
RESTART_AFTER = 1.0  # seconds between two starts of a queue, lest one that can't start keeps the machine busy
MAX_WAITING = 100  # jobs in the default queue, above which recurring jobs are not enqueued


class Watchdog:
    """Runs these queues until SIGTERM or SIGINT. The watchdog of the default queue also enqueues the recurring jobs."""

    def __init__(self, queues: list[str]):
        self._queues = queues
        self.clusters: dict[str, QueueCluster] = {}
        self.last_check = time.monotonic()
        self._retired: list[QueueCluster] = []
        self._started: dict[str, float] = {}
        self._next_claims = 0.0
        self._due = {name: 0.0 for _, name, _ in settings.RECURRING_JOBS} if "default" in queues else {}
        self._stopping = False
        self.tasks: list[Callable[[], None]] = [self._keep_claims, self._ask, self._enqueue_recurring]

    def run(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while not self._stopping:
            self._keep_processes()  # needs no database
            succeeded = [self._try(task) for task in self.tasks]
            if all(succeeded):
                self.last_check = time.monotonic()
            time.sleep(LOOK_EVERY)
        self._shut_down()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    @staticmethod
    def _try(task: Callable[[], None]) -> bool:
        try:
            close_old_connections()
            task()
        except Exception as problem:
            log.warning("the watchdog's check failed; it tries again: %s: %s", type(problem).__name__, problem)
            connections.close_all()
            return False
        return True

    # --- processes

    def _keep_processes(self) -> None:
        now = time.monotonic()
        for queue in self._queues:
            cluster = self.clusters.get(queue)
            if cluster is not None and not cluster.has_sentinel():
                log.error("queue %s has ended: it is started again", queue)
                self._retire(cluster)
            if queue not in self.clusters and now - self._started.get(queue, 0.0) > RESTART_AFTER:
                self._started[queue] = now
                self.clusters[queue] = QueueCluster(queue)
        for cluster in self._retired:
            if cluster.is_overdue() and cluster.has_processes():
                cluster.kill()

    def _retire(self, cluster: QueueCluster) -> None:
        cluster.retire()
        self._retired.append(cluster)
        del self.clusters[cluster.queue]

    def _shut_down(self) -> None:
        """Give running jobs some time to end. Killing them after that loses nothing."""
        everybody = [*self.clusters.values(), *self._retired]
        for cluster in self.clusters.values():
            cluster.retire()
        deadline = time.monotonic() + GRACE
        while any(cluster.has_processes() for cluster in everybody) and time.monotonic() < deadline:
            time.sleep(0.1)
        for cluster in everybody:
            cluster.kill()
        for cluster in everybody:
            self._try(cluster.keep_claims)

    # --- what needs the database

    def _keep_claims(self) -> None:
        if time.monotonic() < self._next_claims:
            return
        self._next_claims = time.monotonic() + CLAIMS_EVERY
        for cluster in [*self.clusters.values(), *self._retired]:
            ended = not cluster.has_processes()
            cluster.keep_claims()
            if ended and cluster in self._retired:
                cluster.forget()
                self._retired.remove(cluster)

    def _ask(self) -> None:
        for cluster in list(self.clusters.values()):
            if not cluster.answers():
                log.error("queue %s gives no answer: it is started again", cluster.queue)
                self._retire(cluster)

    def _enqueue_recurring(self) -> None:
        now = time.monotonic()
        for seconds, name, _ in settings.RECURRING_JOBS:
            if name in self._due and now >= self._due[name] and JOBS[name].is_needed():
                self._due[name] = now + seconds
                waiting = OrmQ.objects.filter(key="default")[:MAX_WAITING].count()
                if waiting < MAX_WAITING:
                    enqueue(name)
