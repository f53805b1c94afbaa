"""The processes of one queue: django-q2's sentinel, workers, monitor and pusher, made to survive a kill.

A process that is killed while it waits for one of multiprocessing's queues takes the queue's lock along, and the others
wait for ever (django-q2, issue 23). So the sudden death of any of them ends the sentinel, and with it the cluster:
workers finish their job, everybody else ends at once, and the watchdog forks another cluster meanwhile. Workers
acknowledge their jobs themselves, so that nothing depends on the monitor. The pusher takes a job only when a worker is
free: a job that waits in a busy cluster could be done elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
import uuid
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.db import connections
from django_q import cluster as django_q_cluster
from django_q.conf import Conf
from django_q.monitor import monitor
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.signing import BadSignature, SignedPackage
from django_q.worker import worker

from kernel.job_broker import CLUSTER_ID, Broker
from kernel.lifeline import GRACE, Duty, Lifeline, end_with_the_parent, name_process

log = logging.getLogger("fanfare.worker")

CRASHED = 70  # the exit code after a sudden death
RECYCLED, TIMED_OUT = -2, 0  # values of a worker's timer
HANDOVER = 8.0  # seconds that a cluster works on when its watchdog has died
ACKNOWLEDGE_FOR = 20.0  # seconds for which a worker tries to reach the database when its job is done


def run(queue: str, cluster: str, lifeline: Lifeline) -> None:
    """Be the sentinel of this queue, in a session of its own, until the watchdog lets go or dies."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    lifeline.hold()
    _configure(queue)
    os.environ[CLUSTER_ID] = cluster
    name_process(f"{queue} sentinel")
    Sentinel(lifeline)


def conf_of(queue: str) -> dict[str, Any]:
    """django-q2's settings for this queue."""
    conf: dict[str, Any] = settings.Q_CLUSTER
    return conf | conf["ALT_CLUSTERS"].get(queue, {})


def _configure(queue: str) -> None:
    """What django-q2 reads from the environment when it is imported, which was in the watchdog."""
    conf = conf_of(queue)
    Conf.CLUSTER_NAME = queue
    Conf.WORKERS = Conf.QUEUE_LIMIT = conf["workers"]
    Conf.TIMEOUT = conf["timeout"]
    Conf.RECYCLE = conf["recycle"]


class StopEvent:
    """Set when the watchdog lets go; after its death some seconds later, so that its successor can start meanwhile.

    multiprocessing's events can deadlock in a signal handler, and hang if a process is killed.
    """

    def __init__(self, watchdog: Lifeline | None = None) -> None:
        self._watchdog, self._parent = watchdog, os.getppid()
        self._is_set = False
        self._orphaned_at: float | None = None

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        if self._watchdog is None or not self._watchdog.is_cut(seconds):
            return self._is_set
        if os.getppid() == self._parent:
            self._is_set = True
        elif self._orphaned_at is None:
            self._orphaned_at = time.monotonic()
        elif time.monotonic() - self._orphaned_at > HANDOVER:
            self._is_set = True
        else:
            time.sleep(seconds)
        return self._is_set


class Sentinel(django_q_cluster.Sentinel):
    """Starts the queue's processes and watches them until it is told to stop."""

    pool_size: int
    pool: list[Any]

    def __init__(self, watchdog: Lifeline) -> None:
        self._lifeline = Lifeline()
        self._free_workers = get_context("fork").Semaphore(Conf.WORKERS)
        super().__init__(StopEvent(watchdog), StopEvent(), uuid.uuid4(), Broker(Conf.CLUSTER_NAME))

    def start(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.stop_event.set())
        super().start()

    def stop(self) -> None:
        """Workers end their jobs. If that takes too long, this process ends, and they with it."""
        signal.alarm(int(GRACE))
        self._lifeline.let_go()
        super().stop()

    def spawn_process(self, target: Callable, *args: Any) -> Any:
        process: Any = get_context("fork").Process(
            target=_run_child,
            args=(target, args, self._lifeline, self._free_workers),
            name=f"Process-{uuid.uuid4().hex}",
            daemon=True,
        )
        if target is worker:
            process.timer = args[2]  # as django-q2 does
            self.pool.append(process)
        process.start()
        return process

    def spawn_pusher(self) -> Any:
        return self.spawn_process(push, self.task_queue, self._free_workers, self._lifeline)

    def reincarnate(self, process: Any) -> None:
        """Replace a worker that ended in order. Any other death ends the cluster."""
        if process in self.pool and self._ended_in_order(process):
            super().reincarnate(process)
            return
        log.error("a process of queue %s died: the queue is started again", Conf.CLUSTER_NAME)
        os._exit(CRASHED)

    @staticmethod
    def _ended_in_order(process: Any) -> bool:
        if process.timer.value not in (RECYCLED, TIMED_OUT):
            return False
        process.join(2.0)  # after a timeout the worker has stopped its job, unless it hangs in foreign code
        return process.exitcode == 0


def _run_child(target: Callable, args: tuple, lifeline: Lifeline, free_workers: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    lifeline.hold()
    name_process(f"{Conf.CLUSTER_NAME} {ROLES[target]}")
    duty = Duty()
    if target is worker:
        at_work = _AtWork(duty, free_workers)
        pre_execute.connect(at_work.begin)
        post_execute_in_worker.connect(at_work.end)
    end_with_the_parent(lifeline, duty, waits_for_death=target is monitor)
    target(*args)


class _AtWork:
    """Claims and acknowledges a worker's jobs."""

    def __init__(self, duty: Duty, free_workers: Any):
        self._duty, self._free_workers = duty, free_workers
        self._broker = Broker(Conf.CLUSTER_NAME)

    def begin(self, *, task: dict, **_: Any) -> None:
        self._duty.is_busy = True
        with contextlib.suppress(Exception):  # the pusher's claim holds until the database is back
            self._broker.start(task["ack_id"])

    def end(self, *, task: dict, **_: Any) -> None:
        record = self._broker.acknowledge if task["success"] else self._broker.put_back
        deadline = time.monotonic() + ACKNOWLEDGE_FOR
        while True:
            try:
                record(task["ack_id"])
                break
            except Exception:
                connections.close_all()
                if time.monotonic() > deadline:
                    log.exception("job %s can't be acknowledged", task["ack_id"])
                    os._exit(1)  # its claim ends with this process
                time.sleep(0.5)
        self._free_workers.release()
        self._duty.is_busy = False


def push(task_queue: Any, free_workers: Any, lifeline: Lifeline) -> None:
    """Give jobs to workers, each as soon as a worker is free, until the sentinel is gone."""
    broker = Broker(Conf.CLUSTER_NAME)
    while not lifeline.is_cut():
        if not free_workers.acquire(timeout=1.0):
            continue
        while not lifeline.is_cut():
            task = _next_task(broker)
            if task is not None:
                task_queue.put(task)
                break


def _next_task(broker: Broker) -> dict | None:
    """The next job as django-q2's workers take it. None, after a short wait, if there is none."""
    try:
        found = broker.dequeue()
    except Exception as problem:
        log.warning("the queue can't be read: %s", problem)
        connections.close_all()
        time.sleep(0.5)
        return None
    if not found:
        time.sleep(Conf.POLL)
        return None
    job_id, payload = found[0]
    try:
        task = SignedPackage.loads(payload)
    except (TypeError, BadSignature):
        log.exception("job %s can't be read", job_id)
        broker.fail(job_id)
        return None
    return task | {"cluster": Conf.CLUSTER_NAME, "ack_id": job_id}


ROLES = {worker: "worker", monitor: "monitor", push: "pusher"}
