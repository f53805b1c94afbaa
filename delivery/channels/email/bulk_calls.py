"""Many messages in one call: the part that they share, and the part of each recipient.

The provider gets the text once with each person's values (SendGrid), or the finished texts of all (Brevo). A message
that can't be expressed this way is sent alone; what arrives is the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.channels import base

Pieces = tuple[bytes | int, ...]  # pieces of a JSON string without its quotes, and between them the numbers of slots


@dataclass(frozen=True, eq=False, slots=True)
class SharedPart(base.SharedPart):
    """What the messages of a batch have in common."""

    sender: str
    from_name: str
    reply_to: str  # an address, or empty
    headers: dict[str, str]  # without List-Unsubscribe, which differs by person
    text: Pieces  # empty if there is none
    html: Pieces
    size: int  # bytes of one person's texts without the slots
    mark: str  # occurs in no text and no slot, and can't arise where two of them meet

    def tag(self, slot: int) -> str:
        """The placeholder of a slot in a text that the provider fills in."""
        return f"-{self.mark}{slot}-"


@dataclass(slots=True)
class RecipientPart(base.RecipientPart):
    """One person's part of a bulk call."""

    to_name: str
    subject: str
    unsubscribe: str  # the value of List-Unsubscribe, or empty
    slots: list[bytes] = field(repr=False)  # contents of JSON strings, without the quotes

    @property
    def headers(self) -> dict[str, str]:
        own = {"List-Unsubscribe": self.unsubscribe} if self.unsubscribe else {}
        return {**own, **self.shared_part.headers}
