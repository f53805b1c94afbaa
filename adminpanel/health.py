"""Health checks of the whole installation, for `manage.py doctor` and the benchmarks. /readyz has its own (probes)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_q.models import OrmQ

from delivery.models import WorkerBeat
from delivery.sending import leases
from delivery.sending.gate import KILLED

MAX_BEAT_AGE = 90  # seconds since a queue's last sign of life
MAX_WORK_AGE = 300  # seconds that a lease may wait for a lane
MAX_QUEUE_DEPTH = 10_000  # jobs


@dataclass(frozen=True)
class Finding:
    """The result of one check. `todo` says what to do if it is not `ok`."""

    name: str
    ok: bool
    text: str
    todo: str = ""


def check_all() -> list[Finding]:
    """The findings of all checks. Without a database the list ends after the first one, because the others need it."""
    findings = []
    for check in CHECKS:
        try:
            finding = check()
        except Exception as problem:
            finding = Finding(check.__name__.strip("_"), False, f"{type(problem).__name__}: {problem}".splitlines()[0])
        findings.append(finding)
        if check is _database and not finding.ok:
            break
    return findings


def _database() -> Finding:
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    return Finding("database", version >= 15, f"PostgreSQL {version}", "Fanfare needs PostgreSQL 15 or newer.")


def _migrations() -> Finding:
    executor = MigrationExecutor(connections["owner"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    text = "up to date" if not waiting else f"{len(waiting)} waiting"
    return Finding("migrations", not waiting, text, "Run: manage.py migrate --database owner")


def _workers() -> Finding:
    now = timezone.now()
    beats = dict(WorkerBeat.objects.values_list("queue", "at"))
    silent = [q for q in settings.QUEUES if q not in beats or (now - beats[q]).total_seconds() > MAX_BEAT_AGE]
    text = "all queues have workers" if not silent else "no sign of life from: " + ", ".join(silent)
    return Finding("workers", not silent, text, "Run: manage.py worker")


def _due_work() -> Finding:
    with connections["engine"].cursor() as cursor:
        cursor.execute(f"SELECT extract(epoch FROM now() - min(l.not_before))::int {leases.DUE} AND NOT {KILLED}")  # noqa: S608
        age = cursor.fetchone()[0] or 0
    return Finding(
        "due work", age <= MAX_WORK_AGE, f"the oldest is {age} s old", "Are there enough workers? See docs/runbooks."
    )


def _queue() -> Finding:
    depth = {queue: OrmQ.objects.filter(key=queue)[:MAX_QUEUE_DEPTH].count() for queue in settings.QUEUES}
    text = ", ".join(f"{queue} {n}" for queue, n in depth.items())
    return Finding(
        "queue", max(depth.values()) < MAX_QUEUE_DEPTH, text, "The queue grows faster than it is worked off."
    )


CHECKS: list[Callable[[], Finding]] = [_database, _migrations, _workers, _due_work, _queue]
