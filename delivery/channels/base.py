"""The door every provider goes through, and the words for what comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    ACCEPTED = "accepted"
    HARD = "hard"  # the address is dead: failed, and the contact is marked
    REFUSED = "refused"  # a definite no that is not the address's fault: failed
    LATER = "later"  # a definite "not now": tried again with backoff
    NOT_STARTED = "not_started"  # nothing reached the provider: tried again, not counted as a try
    UNKNOWN = "unknown"  # started, and no answer: never tried again


@dataclass(frozen=True)
class Outcome:
    result: Result
    reason: str = ""
    detail: str = ""


@dataclass(slots=True)
class Outgoing:
    """One message, ready for the wire: envelope and RFC 5322 bytes with CRLF line ends."""

    contact_id: int
    sender: str
    recipient: str
    subject: str
    source: bytes


class AccountProblem(Exception):
    """The account can't send at all (host, log-in, TLS); no recipient's fault. The message is for the merchant."""


class Connection(ABC):
    """An open way to the provider, used by one thread."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Outcome:
        """Never raises for what the provider says; raises AccountProblem where the connection can't be used at all,
        and then nothing was started for this message."""

    @abstractmethod
    def close(self) -> None:
        """Let go; never raises."""


class Provider(ABC):
    """One provider's door. Subclasses set the four attributes and implement connect."""

    slug: str
    channel: str
    label: str
    form: type
    connections = 1  # how many at once, each in its own thread

    @abstractmethod
    def connect(self, account, batch) -> Connection:
        """Open a connection. Raises AccountProblem."""

    @abstractmethod
    def check(self, account) -> str:
        """Try the settings without sending; returns what was found. Raises AccountProblem."""
