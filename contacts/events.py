"""What contacts tells the apps above it."""

import secrets
from dataclasses import dataclass, field

from kernel.events import Event


def a_number() -> int:
    """Tells two askings of one person apart, and a job that is run again from both."""
    return secrets.randbits(48)


@dataclass(frozen=True)
class SignupAsked(Event):
    """Somebody filled in a form; the address's owner has to confirm it."""

    signup_id: int


@dataclass(frozen=True)
class SignupUnanswered(Event):
    """The confirmation was asked for a day ago, and nobody pressed the button."""

    signup_id: int


@dataclass(frozen=True)
class RightsAsked(Event):
    """A person wants their data, or to be erased: first the link to it, by e-mail."""

    contact_id: int
    asking: int = field(default_factory=a_number)


@dataclass(frozen=True)
class PreferencesAsked(Event):
    """A person wants the link to their preferences by e-mail."""

    contact_id: int
    asking: int = field(default_factory=a_number)
