"""What delivery tells the apps above it."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class BatchFinished(Event):
    """Every message of the batch has ended, whichever way."""

    batch_id: int
