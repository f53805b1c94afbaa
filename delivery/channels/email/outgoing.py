"""A mail, ready for the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.channels.base import Outgoing


@dataclass(slots=True)
class Email(Outgoing):
    """Envelope and RFC 5322 bytes with CRLF line ends. `sender` is the address of its From and of its envelope."""

    subject: str
    source: bytes
    # Lines that begin with a dot. Looking for them costs as much as writing the message.
    may_have_dots: bool = field(default=True, kw_only=True)

    @property
    def title(self) -> str:
        return self.subject

    @property
    def stored(self) -> bytes:
        return self.source
