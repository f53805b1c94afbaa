"""How a lower app tells a higher one that something happened: a frozen dataclass of ids, one job per listener.

Declared in the publisher's events.py, listened to in the higher app's subscribers.py; `manage.py extensions` prints
both. Opens, clicks and receipts come by the million and are rows read by cursor, never events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from kernel.extensions import Extensions
from kernel.jobs import enqueue, job


@dataclass(frozen=True)
class Event:
    """Base of all events; fields are ids."""


@dataclass(frozen=True)
class Listener:
    """A job that runs with each event of a kind."""

    kind: type[Event]
    job: str


LISTENERS: Extensions[Listener] = Extensions("event listeners", "Jobs that run with each event of a kind.")


def on(kind: type[Event]) -> Callable:
    """Run the decorated function with each event of this kind, in its own job."""

    def listen(function: Callable) -> Callable:
        def deliver(**fields) -> None:
            function(kind(**fields))

        deliver.__module__, deliver.__name__ = function.__module__, f"{function.__name__}@event"
        job()(deliver)
        name = f"{function.__module__.partition('.')[0]}.{deliver.__name__}"
        LISTENERS.add(Listener(kind, name), f"{kind.__module__}.{kind.__qualname__} -> {name}")
        return function

    return listen


def publish(event: Event) -> None:
    """Enqueue one job per listener, in the current transaction and workspace."""
    for listener in LISTENERS:
        if listener.kind is type(event):
            enqueue(listener.job, **asdict(event))
