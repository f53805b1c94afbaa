"""The interface of all providers: messages, outcomes, outbox, transport."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Result(StrEnum):
    ACCEPTED = "accepted"
    HARD = "hard"  # the address is dead: failed, and the contact is marked
    REFUSED = "refused"  # definitely refused, but not because of the address: failed
    SENDER = "sender"  # definitely refused because of the sender, so for everybody: waits, and the batch is held
    ACCOUNT = "account"  # definitely refused because of the account: waits, and the batch and the account are held
    UNCLEAR = "unclear"  # definitely refused, because of the sender, the account or this message: many hold the batch
    LIMIT = "limit"  # definitely refused because the account's limit is used up: waits, and the account waits
    LATER = "later"  # definitely refused for now: tried again with backoff
    NOT_STARTED = "not_started"  # nothing reached the provider: tried again, not counted as a try
    UNKNOWN = "unknown"  # started, and no answer: never tried again automatically


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    reason: str = ""
    detail: str = ""
    wait: float | None = None  # Result.LIMIT: seconds until the limit is over, at the latest
    provider_id: str = ""  # what the provider calls the message, where its receipts can't carry our token
    units: int | None = None  # what the provider counts, such as parts of an SMS; None: one
    cost: int | None = None  # in millionths of the account's currency; None: not known

    @property
    def is_plain(self) -> bool:
        """Whether the provider has said nothing that is kept beside the outcome."""
        return not self.provider_id and self.units is None and self.cost is None


def ignore_outcome(contact_id: int, outcome: Outcome) -> None:
    """The settle function of a message that no lane waits for."""


NOT_IN_TIME = Outcome(Result.NOT_STARTED, "not_started")


@dataclass(slots=True)
class Outgoing(ABC):
    """One message, ready for its provider. Each channel has a class of its own, with what a message is there."""

    contact_id: int
    sender: str  # as the provider knows it: an address, a number, a name
    recipient: str  # the address on this channel
    batch_id: int = field(default=0, kw_only=True)
    units: int = field(default=1, kw_only=True)  # what the provider counts: parts of an SMS, for instance
    latest: float = field(default=float("inf"), kw_only=True)  # time.monotonic() after which no call may start
    # Called with the contact id and the outcome.
    settle: Callable[[int, Outcome], None] = field(default=ignore_outcome, kw_only=True)

    @property
    @abstractmethod
    def title(self) -> str:
        """What a list of messages calls it: a subject, or the beginning of the text."""

    @property
    @abstractmethod
    def stored(self) -> bytes:
        """The message as the sandbox keeps it, and as Channel.show reads it."""


@dataclass(frozen=True, eq=False, slots=True)
class SharedPart:
    """What the messages of a bulk call have in common. One object per batch and language: a call never has messages
    of two."""

    batch_id: int


@dataclass(slots=True)
class RecipientPart:
    """One person's part of a bulk call."""

    shared_part: Any  # a SharedPart of the same channel
    contact_id: int
    recipient: str
    latest: float = field(default=float("inf"), kw_only=True)  # time.monotonic() after which no call may start
    # Called with the contact id and the outcome.
    settle: Callable[[int, Outcome], None] = field(default=ignore_outcome, kw_only=True)


class AccountProblem(Exception):
    """The account can't send at all (host, log-in, TLS, too many requests); this is no recipient's fault. The message
    is for the merchant. `wait`: the seconds that the provider asked us to wait, if it did. `limit`: a sending limit is
    used up, which is over in so many seconds at the latest."""

    def __init__(self, message: str, wait: float | None = None, *, limit: float | None = None):
        super().__init__(message)
        self.wait, self.limit = wait, limit


class MessageSource(Protocol):
    """Puts people in an outbox, makes a person's message when a transport takes it, and receives its outcome."""

    def shared_part(self, person: Any) -> SharedPart | None:
        """What the person's message has in common with others. None if it may not go in a bulk call."""

    def recipient_part(self, person: Any) -> RecipientPart | None:
        """The person's part in a bulk call. None if the message has to go alone."""

    def make(self, person: Any) -> Outgoing | None: ...

    def settle(self, contact_id: int, outcome: Outcome) -> None: ...


Taken = tuple[MessageSource, Any, RecipientPart]


class Outbox:
    """The messages of one account that have passed the gate. Only used in a lane's event loop."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[MessageSource, Any]] = deque()
        self._single: deque[tuple[MessageSource, Any]] = deque()  # never taken for a bulk call
        self.kick: Callable[[], None] = lambda: None  # set by the transport; called when there is something to take
        self.problem: AccountProblem | None = None
        self._is_resting = False

    def __len__(self) -> int:
        """How many messages can be taken now."""
        return 0 if self._is_resting else len(self._waiting) + len(self._single)

    def rest(self, seconds: float) -> None:
        """Give nothing out for so many seconds: the lane's other accounts are next."""
        if not self._is_resting:
            self._is_resting = True
            asyncio.get_running_loop().call_later(seconds, self._end_rest)

    def _end_rest(self) -> None:
        self._is_resting = False
        self._notify_transport()

    def put(self, source: MessageSource, people: list) -> None:
        self._waiting.extend([(source, person) for person in people])
        self._notify_transport()

    def put_back(self, taken: list[Taken]) -> None:
        """Put back messages that no provider has taken; they are next."""
        self._waiting.extendleft((source, person) for source, person, _ in reversed(taken))
        self._notify_transport()

    def put_single(self, taken: list[Taken]) -> None:
        """Put back messages that no provider has taken; each gets a call of its own."""
        self._single.extend([(source, person) for source, person, _ in taken])
        self._notify_transport()

    def _notify_transport(self) -> None:
        if self.problem is not None:
            self.give_up(self.problem)
        self.kick()

    def take(self) -> Outgoing | None:
        """Take the next message. None if there is none now; kick() is called when there is one."""
        while not self._is_resting and (queue := self._single or self._waiting):
            source, person = queue.popleft()
            made = source.make(person)
            if made is not None:
                return made
        return None

    def take_bulk(self, limit: Callable[[SharedPart], int]) -> list[Taken]:
        """Take the next messages, all of one batch and language, for a bulk call: at least two, or none if the next one
        goes alone. `limit` returns how many one call may carry."""
        taken: list[Taken] = []
        while self._waiting and not self._is_resting:
            source, person = self._waiting[0]
            shared_part = source.shared_part(person)
            if (
                shared_part is None
                or len(taken) >= limit(shared_part)
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
        """The account can't send: all messages that wait here go back, not started."""
        self.problem = problem
        outcome = Outcome(Result.NOT_STARTED, "account", str(problem)[:300])
        while queue := self._single or self._waiting:
            source, person = queue.popleft()
            source.settle(person.contact_id, outcome)


class Transport(ABC):
    """Takes an account's messages from an outbox to the provider, many at a time, and settles each with its outcome.

    Created and used in a lane's event loop. Every message that was taken is settled exactly once, whatever happens. A
    message whose `latest` has passed is not started but settled as NOT_IN_TIME.
    """

    def __init__(self, outbox: Outbox):
        self.outbox = outbox

    #: how many messages can be under way at once; a sub-batch is never smaller
    width: int = 1

    #: how many messages a call can carry, if their source has a shared part for them
    messages_per_call: int = 1

    #: what the server said that it takes, once it was connected to: as ProviderAccount.offers
    offers: dict | None = None

    @abstractmethod
    async def close(self) -> None:
        """Close all connections. Messages under way get a moment, then are settled as unknown. Never raises."""


class Connection(ABC):
    """An open, blocking connection to a provider, called by a thread: the simple form, for providers without a
    transport of their own."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Outcome:
        """Send one message. Never raises for what the provider answers. Raises AccountProblem if the connection can't
        be used at all; nothing was started for this message then."""

    def close(self) -> None:
        """Close the connection. Never raises."""
        return
