"""Events that this app publishes for the apps above it."""

import secrets
from dataclasses import dataclass, field

from kernel.events import Event


def random_number() -> int:
    """Tells two requests of the same person apart. A job that is repeated has the number of its first run."""
    return secrets.randbits(48)


@dataclass(frozen=True)
class SignupAsked(Event):
    """A form was filled in; the address's owner has to confirm it."""

    signup_id: int


@dataclass(frozen=True)
class SignupUnanswered(Event):
    """The confirmation mail was sent a day ago (SIGNUP_REMINDER_HOURS), and nobody has confirmed."""

    signup_id: int


@dataclass(frozen=True)
class RightsAsked(Event):
    """A person wants their data or to be erased, and gets the link to that page by e-mail."""

    contact_id: int
    asking: int = field(default_factory=random_number)


@dataclass(frozen=True)
class PreferencesAsked(Event):
    """A person asked for the link to their preferences, which is sent by e-mail."""

    contact_id: int
    asking: int = field(default_factory=random_number)
