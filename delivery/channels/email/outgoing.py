"""A mail, ready for the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.channels.base import Outgoing


@dataclass(slots=True)
class Email(Outgoing):
    """Envelope and RFC 5322 bytes with CRLF line ends. `sender` is the address of its From.

    `envelope_sender` is where bounces of this message go (MAIL FROM, RFC 5321, 3.3); empty: to `sender`. It is each
    message's own, so that it can name the message (VERP)."""

    subject: str
    source: bytes
    # Lines that begin with a dot. Looking for them costs as much as writing the message.
    may_have_dots: bool = field(default=True, kw_only=True)
    envelope_sender: str = field(default="", kw_only=True)

    @property
    def title(self) -> str:
        return self.subject

    @property
    def return_path(self) -> str:
        """The envelope's address."""
        return self.envelope_sender or self.sender

    @property
    def stored(self) -> bytes:
        """With the header that the last server writes, where the envelope has an address of its own (RFC 5321, 4.4)."""
        if not self.envelope_sender:
            return self.source
        return b"Return-Path: <%b>\r\n%b" % (self.envelope_sender.encode(), self.source)
