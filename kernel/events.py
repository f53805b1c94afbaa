"""How a lower app tells a higher one that something happened: a frozen dataclass of ids, one job per listener.

Declared in the publisher's events.py, listened to in the higher app's subscribers.py; `manage.py events` prints both.
Opens, clicks and receipts come by the million and are rows read by cursor, never events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass

from kernel.jobs import enqueue, job


@dataclass(frozen=True)
class Event:
    """Base of all events; fields are ids."""


_kinds: dict[str, type[Event]] = {}
_listeners: dict[type[Event], list[Callable]] = defaultdict(list)


def on(kind: type[Event]) -> Callable:
    """Run the decorated function with each event of this kind, in its own job."""

    def listen(function: Callable) -> Callable:
        name = f"{kind.__module__}.{kind.__qualname__}"
        _kinds[name] = kind

        def deliver(**fields) -> None:
            function(kind(**fields))

        deliver.__module__, deliver.__qualname__ = function.__module__, f"{function.__qualname__}@event"
        _listeners[kind].append(job()(deliver))
        return function

    return listen


def publish(event: Event) -> None:
    """Enqueue one job per listener, in the current transaction and workspace."""
    for listener in _listeners[type(event)]:
        enqueue(listener, **asdict(event))


def catalogue() -> list[tuple[str, list[str]]]:
    """(event, its listeners) for every event anyone listens to."""
    return sorted((name, sorted(fn.job_name for fn in _listeners[kind])) for name, kind in _kinds.items())
