"""The door every provider goes through, and the words for what comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from delivery.channels.bulk_calls import RecipientPart, SharedPart


class Result(StrEnum):
    ACCEPTED = "accepted"
    HARD = "hard"  # the address is dead: failed, and the contact is marked
    REFUSED = "refused"  # a definite no that is not the address's fault: failed
    SENDER = "sender"  # a definite no to whoever sends, so to everybody else as well: waits, and the batch is held
    UNCLEAR = "unclear"  # a definite no that may be the sender's or this message's: waits; the batch is held for many
    LATER = "later"  # a definite "not now": tried again with backoff
    NOT_STARTED = "not_started"  # nothing reached the provider: tried again, not counted as a try
    UNKNOWN = "unknown"  # started, and no answer: never tried again


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    reason: str = ""
    detail: str = ""


def nobody(contact_id: int, outcome: Outcome) -> None:
    """A message that no lane waits for."""


NOT_IN_TIME = Outcome(Result.NOT_STARTED, "not_started")


@dataclass(slots=True)
class Outgoing:
    """One message, ready for the wire: envelope and RFC 5322 bytes with CRLF line ends."""

    contact_id: int
    sender: str
    recipient: str
    subject: str
    source: bytes
    batch_id: int = 0
    may_have_dots: bool = True  # lines that begin with a dot; to look for them costs as much as to write the message
    latest: float = float("inf")  # time.monotonic() after which the call may not start any more
    settle: Callable[[int, Outcome], None] = nobody  # where the outcome is told, by contact id


class AccountProblem(Exception):
    """The account can't send at all (host, log-in, TLS, too many requests); no recipient's fault. The message is for
    the merchant; `wait` are the seconds that the provider asked for, where it did."""

    def __init__(self, message: str, wait: float | None = None):
        super().__init__(message)
        self.wait = wait


class MessageSource(Protocol):
    """Who put a person's message on a desk: makes it when it is taken, and is told what came of it."""

    @property
    def shared_part(self) -> SharedPart | None:
        """What the messages have in common, where several may go in one call."""

    def recipient_part(self, person) -> RecipientPart | None:
        """The person's part in such a call; None where the message has to go alone."""

    def make(self, person) -> Outgoing | None: ...

    def settle(self, contact_id: int, outcome: Outcome) -> None: ...


Taken = tuple[MessageSource, Any, "RecipientPart"]


class Outbox:
    """Where a carrier gets the messages of one account that have passed the gate. Used in a lane's event loop only."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[MessageSource, Any]] = deque()
        self._single: deque[tuple[MessageSource, Any]] = deque()  # not to be taken together with others
        self.kick: Callable[[], None] = lambda: None  # set by the carrier: there is something to take
        self.problem: AccountProblem | None = None

    def __len__(self) -> int:
        return len(self._waiting) + len(self._single)

    def put(self, source: MessageSource, people: list) -> None:
        self._waiting.extend([(source, person) for person in people])
        self._call_carrier()

    def put_back(self, taken: list[Taken]) -> None:
        """Back again, the next ones in line: no provider has taken these messages."""
        self._waiting.extendleft((source, person) for source, person, _ in reversed(taken))
        self._call_carrier()

    def put_single(self, taken: list[Taken]) -> None:
        """Back again: no provider has taken these messages, and each shall have a call of its own."""
        self._single.extend([(source, person) for source, person, _ in taken])
        self._call_carrier()

    def _call_carrier(self) -> None:
        if self.problem is not None:
            self.give_up(self.problem)
        self.kick()

    def take(self) -> Outgoing | None:
        """The next message; None where there is none now (kick() says when there is)."""
        while queue := self._single or self._waiting:
            source, person = queue.popleft()
            made = source.make(person)
            if made is not None:
                return made
        return None

    def take_bulk(self, most: Callable[[SharedPart], int]) -> list[Taken]:
        """The next messages for one call, two at least; empty where the next one goes alone. `most` says how many a
        call may carry. Only what is next in line and of one batch."""
        taken: list[Taken] = []
        while self._waiting:
            source, person = self._waiting[0]
            shared_part = source.shared_part
            if (
                shared_part is None
                or len(taken) >= most(shared_part)
                or (taken and taken[0][2].shared_part is not shared_part)
            ):
                break
            self._waiting.popleft()
            recipient_part = source.recipient_part(person)
            if recipient_part is None:
                self._single.append((source, person))
            else:
                taken.append((source, person, recipient_part))
        if len(taken) == 1:
            self._single.append(taken.pop()[:2])
        return taken

    def give_up(self, problem: AccountProblem) -> None:
        """The account can't send: what waits here goes back, not started."""
        self.problem = problem
        outcome = Outcome(Result.NOT_STARTED, "account", str(problem)[:300])
        while queue := self._single or self._waiting:
            source, person = queue.popleft()
            source.settle(person.contact_id, outcome)


class Transport(ABC):
    """Takes an account's messages from a desk to the provider, many at a time, and tells each one's outcome.

    Made and used in a lane's event loop. Every message that was taken is settled exactly once, whatever happens; a
    message whose `latest` has passed is not begun but settled as NOT_IN_TIME.
    """

    def __init__(self, outbox: Outbox):
        self.outbox = outbox

    #: how many messages can be under way at once; a stretch is never smaller
    width: int = 1

    #: how many messages a call can carry, where their clerk knows what they have in common
    messages_per_call: int = 1

    @abstractmethod
    async def close(self) -> None:
        """Let go of all connections. What is under way is given a moment, then settled as unknown. Never raises."""


class Connection(ABC):
    """An open way to a provider that is called by a thread: the plain form, for providers without a carrier of their
    own."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Outcome:
        """Never raises for what the provider says; raises AccountProblem where the connection can't be used at all,
        and then nothing was started for this message."""

    def close(self) -> None:
        """Let go; never raises."""
        return


class Provider(ABC):
    """One provider's door. Subclasses set the four attributes and implement check, and connect or carrier."""

    slug: str
    channel: str
    label: str
    form: type
    connections = 1  # of the plain form: how many at once, each in its own thread
    #: our Message-ID is the one that arrives; providers' interfaces put their own in its place
    keeps_message_id = False

    def connect(self, account) -> Connection:
        """Open a connection. Raises AccountProblem."""
        raise AccountProblem(f"{self.slug} has neither a carrier nor connections.")

    def transport(self, account, outbox: Outbox) -> Transport:
        """The way for many messages, of whichever batches the account sends."""
        from delivery.channels.thread_transport import ThreadTransport

        return ThreadTransport(outbox, lambda: self.connect(account), self.connections)

    @abstractmethod
    def check(self, account) -> str:
        """Try the settings without sending; returns what was found. Raises AccountProblem."""
