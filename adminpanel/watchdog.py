"""django-q2's clusters, each under a watch.

An idle worker that is killed holds its queue's lock for ever (django-q2, issue 23), and a main process that is killed
leaves its workers behind. So each cluster runs in a session of its own, a beat is sent through the real queue, and
where none comes back the whole session is killed and started anew.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from delivery.models import WorkerBeat
from kernel.jobs import enqueue

log = logging.getLogger("fanfare.worker")

BEAT_EVERY = 10.0


@dataclass
class Cluster:
    """One queue's django-q2 process and what is known of its life."""

    queue: str
    process: subprocess.Popen | None = None
    started: float = 0.0
    next_beat: float = 0.0

    @property
    def patience(self) -> float:
        """A beat waits behind tasks that run; two timeouts mean that nothing runs any more."""
        return 2 * settings.Q_CLUSTER["ALT_CLUSTERS"].get(self.queue, settings.Q_CLUSTER)["timeout"]

    def start(self) -> None:
        environment = {**os.environ, "Q_CLUSTER_NAME": self.queue}
        if self.queue == settings.Q_CLUSTER["name"]:
            environment.pop("Q_CLUSTER_NAME")
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, cwd=settings.BASE_DIR)
        self.started = time.monotonic()

    def is_well(self) -> bool:
        if self.process.poll() is not None:
            return False
        beat = WorkerBeat.objects.filter(queue=self.queue).values_list("at", flat=True).first()
        age = (timezone.now() - beat).total_seconds() if beat else float("inf")
        return min(age, time.monotonic() - self.started) < self.patience

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Watchdog:
    """Run these queues until told to stop. The default queue's watchdog also asks for the recurring jobs."""

    def __init__(self, queues: list[str]):
        self.clusters = [Cluster(queue) for queue in queues]
        self._due = {name: 0.0 for _, name, _ in settings.RECURRING_JOBS} if "default" in queues else {}
        self._stopping = False

    def run(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        for cluster in self.clusters:
            cluster.start()
        while not self._stopping:
            try:
                self._look()
            except Exception:
                log.exception("the watchdog could not look; it tries again")
                time.sleep(2)
            time.sleep(0.5)
        self._shut_down()

    def _look(self) -> None:
        close_old_connections()
        now = time.monotonic()
        for cluster in self.clusters:
            if now >= cluster.next_beat:
                cluster.next_beat = now + BEAT_EVERY
                self._beat(cluster.queue)
            if not cluster.is_well():
                log.error("queue %s gives no sign of life: starting it anew", cluster.queue)
                cluster.kill()
                cluster.start()
        for seconds, name, _ in settings.RECURRING_JOBS:
            if name in self._due and now >= self._due[name]:
                self._due[name] = now + seconds
                if OrmQ.objects.filter(key="default")[:100].count() < 100:  # a queue that lags gets no more of these
                    enqueue(name)

    @staticmethod
    def _beat(queue: str) -> None:
        async_task("kernel.jobs.run", "delivery.beat", None, {"queue": queue}, cluster=queue, save=False)

    def _stop(self, *_) -> None:
        self._stopping = True

    def _shut_down(self) -> None:
        """Let tasks that run come to an end, within reason; nothing is lost by killing them."""
        for cluster in self.clusters:
            cluster.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 25
        for cluster in self.clusters:
            try:
                cluster.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            cluster.kill()
