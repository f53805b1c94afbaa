"""What serves and sends: workers, queues, work that is due, and whether it may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ

from adminpanel.health.findings import Finding
from delivery.models import Deployment, WorkerBeat
from delivery.sending import leases
from delivery.sending.gate import KILLED

MAX_BEAT_AGE = 90  # seconds since a queue's last sign of life
MAX_WORK_AGE = 300  # seconds that a lease may wait for a lane
MAX_QUEUE_DEPTH = 10_000  # jobs
MAX_CLOCK_DIFFERENCE = 5.0  # seconds


def clock() -> Iterator[Finding]:
    ahead = (timezone.now() - _database_time()).total_seconds()
    text = "as the database's" if abs(ahead) <= MAX_CLOCK_DIFFERENCE else f"{ahead:+.0f} s from the database's"
    todo = "Synchronise both machines with NTP: log-ins, links and workers' signs of life are judged by the clock."
    yield Finding("clock", abs(ahead) <= MAX_CLOCK_DIFFERENCE, text, todo)


def _database_time() -> datetime:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def workers() -> Iterator[Finding]:
    """Beats have the time of the worker's machine. One from the future shows a wrong clock, not a death."""
    now = _database_time()
    ages = {queue: (now - at).total_seconds() for queue, at in WorkerBeat.objects.values_list("queue", "at")}
    early = [queue for queue, age in ages.items() if age < -MAX_CLOCK_DIFFERENCE]
    if early:
        todo = "Synchronise the workers' machine with NTP. Until then nobody can tell whether they live."
        yield Finding("workers", False, "their clock is ahead of the database's: " + ", ".join(early), todo)
        return
    silent = [queue for queue in settings.QUEUES if ages.get(queue, float("inf")) > MAX_BEAT_AGE]
    text = (
        f"all {len(settings.QUEUES)} queues have workers"
        if not silent
        else "no sign of life from: " + ", ".join(silent)
    )
    todo = (
        "Run: manage.py worker, which serves all queues unless some are named. If it runs, look at its log and its "
        "machine's clock. See docs/runbooks/queue-is-stuck.md."
    )
    yield Finding("workers", not silent, text, todo)


def held() -> Iterator[Finding]:
    found = Deployment.objects.exclude(held_at=None).first()
    if found is None:
        yield Finding("restored database", True, "no sign of it; sending is not held")
        return
    text = f"nothing is sent since {found.held_at:%Y-%m-%d %H:%M} UTC: {found.held_because}"
    todo = (
        "This database looks restored or cloned. If it is production and to go on: manage.py confirm_restore. "
        "See docs/runbooks/database-was-restored.md."
    )
    yield Finding("restored database", False, text, todo)


def due_work() -> Iterator[Finding]:
    with connections["engine"].cursor() as cursor:
        cursor.execute(f"SELECT extract(epoch FROM now() - min(l.not_before))::int {leases.DUE} AND NOT {KILLED}")  # noqa: S608
        age = cursor.fetchone()[0] or 0
    todo = "Are there enough workers? See docs/runbooks/queue-is-stuck.md."
    yield Finding("due work", age <= MAX_WORK_AGE, f"the oldest is {age} s old", todo)


def queue() -> Iterator[Finding]:
    depth = {queue: OrmQ.objects.filter(key=queue)[:MAX_QUEUE_DEPTH].count() for queue in settings.QUEUES}
    text = ", ".join(f"{queue} {n}" for queue, n in depth.items())
    todo = "The queue grows faster than it is worked off. See docs/runbooks/queue-is-stuck.md."
    yield Finding("queue", max(depth.values()) < MAX_QUEUE_DEPTH, text, todo)
