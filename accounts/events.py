"""What accounts tells the apps above it."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class InactivityChanged(Event):
    """The workspace counts another number of months until somebody is inactive, or none any more."""

    workspace_id: int
