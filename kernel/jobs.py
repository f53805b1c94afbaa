"""Background work: a job is a function with ids as arguments, run by django-q2 in the workspace that asked for it.

Enqueueing is an INSERT, so it belongs to the caller's transaction. Every job can be repeated: the rows are the truth,
the queue is a nudge.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django_q.tasks import async_task

from kernel.tenancy import current_workspace_id, scope

log = logging.getLogger("fanfare.jobs")


@dataclass(frozen=True)
class Job:
    name: str
    function: Callable
    queue: str
    scoped: bool


_jobs: dict[str, Job] = {}
#: What a workspace's jobs run in, such as its language: context managers by the workspace's id, added by apps above.
job_contexts: list[Callable[[int], AbstractContextManager]] = []


def job(*, queue: str = "default", scoped: bool = True) -> Callable:
    """Declare a job. A scoped one runs inside the scope (one transaction) of the workspace that enqueued it; the
    others get `workspace_id` among their arguments, where they need one, and name it in their SQL."""

    def declare(function: Callable) -> Callable:
        name = f"{function.__module__}.{function.__qualname__}"
        _jobs[name] = Job(name, function, queue, scoped)
        function.job_name = name
        return function

    return declare


def enqueue(function: Callable, **ids) -> None:
    """Ask for `function(**ids)` to be run soon. Arguments are ids and small words, never content."""
    declared = _jobs[function.job_name]
    for name, value in ids.items():
        if not isinstance(value, int | str | type(None)):
            raise TypeError(f"{declared.name}: {name} must be an id or a word, not {type(value).__name__}.")
    workspace_id = current_workspace_id() if declared.scoped else None
    async_task("kernel.jobs.run", declared.name, workspace_id, ids, cluster=declared.queue, save=False)


def run(name: str, workspace_id: int | None, ids: dict) -> None:
    """What the worker calls."""
    declared = _jobs[name]
    about = workspace_id if workspace_id is not None else ids.get("workspace_id")
    with ExitStack() as stack:
        if about is not None:
            for job_context in job_contexts:
                stack.enter_context(job_context(about))
        if workspace_id is not None:
            stack.enter_context(scope(workspace_id))
        declared.function(**ids)


class Interrupted(Exception):
    """Another worker goes on with this."""


def carry_on(
    this: Callable, work: Callable[[], bool], give_up: Callable[[Exception], None], *, expected=(), **ids
) -> bool:
    """A stretch of long work, in the job `this(**ids)`. Where `work()` says that there is more, another one is asked
    for. True where all is done; False also where another worker has it, or where it failed and `give_up` was told.

    `expected` are the exceptions that are an answer, not a fault: they are not logged.
    """
    try:
        finished = work()
    except Interrupted:
        return False
    except (OperationalError, InterfaceError):
        raise  # the database went away: the queue repeats the job, and the rows know how far it was
    except Exception as problem:
        if not isinstance(problem, expected):
            log.exception("%s %s failed", this.__name__, ids)
        give_up(problem)
        return False
    if not finished:
        enqueue(this, **ids)
    return finished


def all_jobs() -> list[Job]:
    return sorted(_jobs.values(), key=lambda job: job.name)
