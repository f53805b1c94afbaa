"""Events that accounts publishes for the apps above it."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class InactivityChanged(Event):
    """The workspace changed (or removed) the number of months after which a contact counts as inactive."""

    workspace_id: int
