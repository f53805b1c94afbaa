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

from kernel.extensions import Extensions
from kernel.tenancy import current_workspace_id, scope

log = logging.getLogger("fanfare.jobs")


@dataclass(frozen=True)
class Job:
    name: str
    function: Callable
    queue: str
    scoped: bool
    is_needed: Callable[[], bool]


JOBS: Extensions[Job] = Extensions("jobs", "Background work, asked for by its name.")
CONTEXTS: Extensions[Callable[[int], AbstractContextManager]] = Extensions(
    "job contexts", "What a workspace's jobs run in, such as its language: context managers by the workspace's id."
)


def _always() -> bool:
    return True


def job(*, queue: str = "default", scoped: bool = True, is_needed: Callable[[], bool] = _always) -> Callable:
    """Declare a job, named after its app and function: `contacts.import_contacts`.

    A scoped job runs inside the scope (one transaction) of the workspace that enqueued it. The others get
    `workspace_id` among their arguments where they need one, and name it in their SQL. A recurring job is enqueued only
    while it `is_needed()`, which must not ask the database.
    """

    def declare(function: Callable) -> Callable:
        app = function.__module__.partition(".")[0]
        name = f"{app}.{function.__name__}"
        JOBS.add(Job(name, function, queue, scoped, is_needed), name)
        return function

    return declare


def enqueue(name: str, **ids) -> None:
    """Ask for a job to be run soon with these arguments: ids and small words, never content.

    Jobs are asked for by name, because the work enqueues its jobs and the jobs import the work. Raises KeyError for a
    job that does not exist; a census test reads every name in the code.
    """
    declared = JOBS[name]
    for argument, value in ids.items():
        if not isinstance(value, int | str | type(None)):
            raise TypeError(f"{declared.name}: {argument} must be an id or a word, not {type(value).__name__}.")
    workspace_id = current_workspace_id() if declared.scoped else None
    async_task("kernel.jobs.run", declared.name, workspace_id, ids, cluster=declared.queue, save=False)


def run(name: str, workspace_id: int | None, ids: dict) -> None:
    """What the worker calls."""
    declared = JOBS[name]
    about = workspace_id if workspace_id is not None else ids.get("workspace_id")
    with ExitStack() as stack:
        if about is not None:
            for context in CONTEXTS:
                stack.enter_context(context(about))
        if workspace_id is not None:
            stack.enter_context(scope(workspace_id))
        declared.function(**ids)


class Interrupted(Exception):
    """Another worker goes on with this."""


class TryAgain(Exception):
    """What the work needs is away for now: the queue repeats the job in a minute."""


def carry_on(
    name: str,
    work: Callable[[], bool],
    give_up: Callable[[Exception], None],
    ids: dict[str, int | str],
    *,
    expected: tuple[type[Exception], ...] = (),
) -> bool:
    """Do a part of long work, in the job `name` with these ids.

    Where `work()` returns False there is more to do, and the job is enqueued again. Returns True where all is done;
    False also where another worker has it, or where it failed and `give_up` was called. Raises TryAgain as `work` does.

    `expected` are exceptions that are an answer to the user and no fault: they are not logged.
    """
    try:
        finished = work()
    except Interrupted:
        return False
    except (OperationalError, InterfaceError, TryAgain):
        raise  # such as the database that went away: the queue repeats the job, and the rows know how far it was
    except Exception as problem:
        if not isinstance(problem, expected):
            log.exception("%s %s failed", name, ids)
        give_up(problem)
        return False
    if not finished:
        enqueue(name, **ids)
    return finished
