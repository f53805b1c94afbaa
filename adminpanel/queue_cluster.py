"""The processes of one queue as the watchdog sees them."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from multiprocessing import get_context

import psutil
from django.db import connections
from django.db.models import QuerySet
from django_q.models import OrmQ
from django_q.tasks import async_task

from delivery.sending import lane_owners, recovering
from kernel import job_claims, job_cluster
from kernel.job_broker import own_key
from kernel.lifeline import GRACE, Lifeline

ASK_EVERY = 10.0  # seconds
ANSWER_WITHIN = 20.0  # seconds
LATE_END = 15.0  # seconds after a job's timeout, within which its worker must have ended it


class QueueCluster:
    """One run of a queue's processes, in a session of their own.

    `retired_at` is when it was told to end: it may finish its jobs while its successor is running.
    """

    def __init__(self, queue: str):
        self.queue = queue
        self.id = secrets.token_hex(5)
        self.retired_at: float | None = None
        self.last_answer: float | None = None  # time.monotonic()
        self._started = time.monotonic()
        self._asked: float | None = None  # time.monotonic() of the question that is not answered yet
        self._next_question = 0.0
        connections.close_all()  # the processes must not share the watchdog's
        self._lifeline = Lifeline()
        self._process = get_context("fork").Process(target=job_cluster.run, args=(queue, self.id, self._lifeline))
        self._process.start()

    # --- its processes

    @property
    def pid(self) -> int:
        """The sentinel's process, and the session of all."""
        return self._process.pid or 0

    def has_sentinel(self) -> bool:
        return self._process.is_alive()

    def has_processes(self) -> bool:
        if self.has_sentinel():
            return True
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def retire(self) -> None:
        """Tell the processes to finish their jobs and end."""
        self.retired_at = time.monotonic()
        self._lifeline.let_go()

    def is_overdue(self) -> bool:
        return self.retired_at is not None and time.monotonic() - self.retired_at > GRACE

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.join()

    def _is_alive(self, pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and os.getsid(pid) == self.pid
        except (psutil.NoSuchProcess, ProcessLookupError):
            return False

    # --- its jobs

    @property
    def silence(self) -> float:
        """Seconds since its last answer, or its start."""
        return time.monotonic() - (self.last_answer or self._started)

    def answers(self) -> bool:
        """Whether a question that goes the whole way - asked, done, acknowledged - comes back in time, or else all
        workers are at work on jobs that are not late."""
        now = time.monotonic()
        if self._asked is None:
            if now >= self._next_question:
                self._next_question = now + ASK_EVERY
                self._ask()
                self._asked = now
            return True
        if not self._questions().exists():
            self._asked, self.last_answer = None, now
            return True
        return now - self._asked < ANSWER_WITHIN or self._all_workers_are_busy()

    def _ask(self) -> None:
        key = own_key(self.queue, self.id)
        async_task("kernel.jobs.run", "delivery.beat", None, {"queue": self.queue}, cluster=key, save=False)

    def _questions(self) -> QuerySet[OrmQ]:
        """Those that are not acknowledged."""
        return OrmQ.objects.filter(key=own_key(self.queue, self.id))

    def _all_workers_are_busy(self) -> bool:
        conf = job_cluster.conf_of(self.queue)
        return job_claims.count_at_work(self.id, conf["timeout"] + LATE_END) >= conf["workers"]

    def keep_claims(self) -> None:
        """Prolong the claims of living processes, free those of dead ones, and the leases of dead lanes."""
        held = job_claims.held_by(self.id)
        dead = [job_id for job_id, pid in held.items() if not self._is_alive(pid)]
        if held:
            job_claims.prolong([job_id for job_id in held if job_id not in dead])
        if dead:
            job_claims.free(dead, self.id)
        owners = [name for pid, name in lane_owners.owners_in(self.id).items() if not self._is_alive(pid)]
        if owners:
            recovering.reap(owners)

    def forget(self) -> None:
        """Remove what is left of it when its processes have ended: questions that nobody will answer."""
        self._lifeline.close()
        self._questions().delete()
