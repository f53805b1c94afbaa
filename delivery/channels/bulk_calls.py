"""Many messages in one call: what they have in common, and what is each one's own.

The provider gets the text once and each person's values (SendGrid), or the finished texts side by side (Brevo). Whoever
can't be put this way is sent alone, as one message: what arrives is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from delivery.channels.base import Outcome, nobody

Pieces = tuple[bytes | int, ...]  # of a JSON string without its quotes, with the numbers of slots in between


@dataclass(frozen=True, eq=False, slots=True)
class SharedPart:
    """What the messages of a batch have in common. One object per batch: those of others are never in the same call."""

    batch_id: int
    sender: str
    from_name: str
    reply_to: str  # an address, or empty
    headers: dict[str, str]  # without List-Unsubscribe, which is each one's own
    text: Pieces  # empty where there is none
    html: Pieces
    size: int  # bytes of one person's texts without the slots
    mark: str  # in no text and in no slot, nor could it come about where two of them meet

    def tag(self, slot: int) -> str:
        """What stands for a slot in a text that the provider fills in."""
        return f"-{self.mark}{slot}-"


@dataclass(slots=True)
class RecipientPart:
    """What is one person's own."""

    shared_part: SharedPart
    contact_id: int
    recipient: str
    to_name: str
    subject: str
    unsubscribe: str  # the value of List-Unsubscribe, or empty
    slots: list[bytes] = field(repr=False)  # of JSON strings without their quotes
    latest: float = float("inf")  # time.monotonic() after which the call may not start any more
    settle: Callable[[int, Outcome], None] = nobody  # where the outcome is told, by contact id

    @property
    def headers(self) -> dict[str, str]:
        own = {"List-Unsubscribe": self.unsubscribe} if self.unsubscribe else {}
        return {**own, **self.shared_part.headers}
