"""The worker processes that are killed. One process loads Django once and forks a worker for each line of its input:
workers that take two seconds to start would spend the whole run starting.

    python -m tests.chaos.workers [MUTANT]          input: "lane" or "tick" per line; output: the worker's pid
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time

import django

LEASE_SECONDS, LEASE_SIZE = 3, 500


def prepare(mutant: str | None) -> None:
    django.setup()
    from django.conf import settings

    settings.LEASE_SECONDS, settings.LEASE_SIZE = LEASE_SECONDS, LEASE_SIZE
    import delivery.jobs  # noqa: F401  (everything is loaded before the forks)
    from tests.chaos.mutants import MUTANTS

    if mutant:
        MUTANTS[mutant]()


def lane() -> None:
    from delivery.sending import lane as lanes

    while True:
        with contextlib.suppress(Exception):
            lanes.run(budget=random.uniform(1, 6))
        _forget_connections()
        time.sleep(0.02)


def tick() -> None:
    """What the product does every five seconds, more often: fill, recover, end."""
    from delivery import batching, jobs
    from delivery.models import Batch
    from delivery.sending import recovering
    from kernel.tenancy import across_workspaces

    while True:
        with contextlib.suppress(Exception):
            with across_workspaces("the harness fills whatever is there"):
                unfilled = list(Batch.objects.filter(filled_at=None).values_list("pk", flat=True))
            for batch_id in unfilled:
                batching.fill(batch_id)
            recovering.reap()
            jobs.tick()
        _forget_connections()
        time.sleep(0.3)


def _forget_connections() -> None:
    from django.db import connections

    with contextlib.suppress(Exception):
        connections.close_all()


def main() -> None:
    prepare(sys.argv[1] if len(sys.argv) > 1 else None)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            random.seed()
            {"lane": lane, "tick": tick}[line.strip()]()
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
