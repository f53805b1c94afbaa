"""Pins processes: what is measured to the first CPU, the servers it talks to (PostgreSQL, sinks) to the last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def for_servers() -> Iterator[None]:
    """Processes started inside the block stay on the last CPU."""
    _pin(CPUS[-1:])
    try:
        yield
    finally:
        _pin(CPUS[:1])


def _pin(cpus: list[int]) -> None:
    if cpus:
        os.sched_setaffinity(0, cpus)
