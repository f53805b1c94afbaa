"""Events that delivery publishes to the apps above it."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class BatchFinished(Event):
    """All messages of the batch have ended, in whatever state."""

    batch_id: int


@dataclass(frozen=True)
class BatchHeld(Event):
    """A batch was paused by the engine; its `problem` says why."""

    batch_id: int
