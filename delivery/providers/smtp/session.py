"""One SMTP connection in an event loop (RFC 5321), pipelined where the server offers it (RFC 2920).

In steady state, one write carries the end of one message and the envelope of the next (`body . MAIL RCPT DATA`), so a
message costs one round trip. What a failure means depends on how far its message had come: before the body, nothing was
sent; between the body and the answer to its final dot, the outcome can't be known (RFC 1047).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

from delivery.channels.base import NOT_IN_TIME, Outcome, Result
from delivery.channels.email.outgoing import Email
from delivery.providers.smtp import replies

MAX_LINE_LENGTH = 64 * 1024  # bytes of a reply; a server that sends more without a line end does not speak SMTP
ACCEPTED = Outcome(Result.ACCEPTED)
NEEDS_UTF8 = Outcome(Result.REFUSED, "utf8_address")
Handler = Callable[[int, str], None]  # takes a reply: code, text


class Owner(Protocol):
    """The object that opened the session and provides its messages."""

    def next_message(self, session: Session) -> Email | None: ...

    def session_lost(self, session: Session) -> None: ...


class Session(asyncio.Protocol):
    """Handshake with `await command()`, then messages with `begin()`. Everything runs in the loop's thread."""

    def __init__(self, owner: Owner | None = None):
        self._owner = owner
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self.greeting: asyncio.Future
        self._rest = b""
        self._reply_lines: list[bytes] = []
        # For whom the next replies are, in order: a future (handshake) or a method taking (code, text).
        self._expected: deque[asyncio.Future | Handler] = deque()
        self._envelope: Email | None = None  # its MAIL, RCPT and DATA are written, its body is not
        self._flying: Email | None = None  # its body is written, the answer has not come
        self._refusal: Outcome | None = None
        self._needs_reset = False
        self._closing = False
        self._ready = False
        self.pipelines = False
        self.takes_utf8 = False  # SMTPUTF8 (RFC 6531)
        self.max_size = 0  # bytes of a message (SIZE, RFC 1870); 0: no limit told
        self.mechanisms: list[str] = []  # for log-in
        self.sent = 0
        self.waiting_since: float | None = None  # time.monotonic() from which an answer is awaited

    # --- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.greeting = asyncio.get_running_loop().create_future()  # the server may speak before anything awaits it
        self._expect(self.greeting)
        plain = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def certificate(self) -> bytes:
        """The server's certificate (DER); empty without TLS."""
        encrypted = self._transport.get_extra_info("ssl_object")
        return encrypted.getpeercert(binary_form=True) if encrypted else b""

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        self._rest, self._reply_lines = b"", []  # data from before the TLS handshake can't be trusted (CVE-2011-0411)
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._transport, self, context, server_hostname=host)
        if transport is None:
            raise ConnectionError("The server closed the connection.")
        self._transport = transport

    async def reply(self) -> tuple[int, str]:
        """The next reply of the handshake. Raises ConnectionError if the connection ends instead."""
        if self._closing:
            raise ConnectionError("The server closed the connection.")
        future = asyncio.get_running_loop().create_future()
        self._expect(future)
        return await future

    async def command(self, line: bytes) -> tuple[int, str]:
        self._transport.write(line + b"\r\n")
        return await self.reply()

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        if len(self._rest) > MAX_LINE_LENGTH:
            self.drop("The server's reply has no end.")
            return
        for line in lines:
            self._reply_lines.append(line[4:])
            if line[3:4] != b"-":
                text = self._reply_lines[0] if len(self._reply_lines) == 1 else b"\n".join(self._reply_lines)
                self._reply_lines = []
                code = int(line[:3]) if line[:3].isdigit() and len(line) >= 3 else 0
                self._replied(code, text.decode("utf-8", "replace"))
            elif len(self._reply_lines) > 200:
                self.drop("The server's reply has no end.")
                return

    def _expect(self, *handlers: asyncio.Future | Handler) -> None:
        if not self._expected:
            self.waiting_since = time.monotonic()
        self._expected.extend(handlers)

    def _replied(self, code: int, text: str) -> None:
        if not self._expected:
            # No reply was awaited: the server announces that it closes (421), or is out of step.
            self.drop(f"{code} {text}")
            return
        handler = self._expected.popleft()
        self.waiting_since = time.monotonic() if self._expected else None
        if isinstance(handler, asyncio.Future):
            if not handler.done():
                handler.set_result((code, text))
        else:
            handler(code, text)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(str(error) if error else "The server closed the connection.")

    def drop(self, why: str) -> None:
        """Close the connection now. A message whose body is written becomes unknown; before that, it was not sent."""
        self._transport.abort()
        self._end(why)

    def _end(self, why: str) -> None:
        if self._closing:
            return
        self._closing, self._ready = True, False
        why = " ".join(why.split())[:200]
        expected, self._expected, self.waiting_since = self._expected, deque(), None
        for handler in expected:
            if isinstance(handler, asyncio.Future) and not handler.done():
                handler.set_exception(ConnectionError(why))
        if self._flying is not None:
            self._settle_flying(Outcome(Result.UNKNOWN, "lost_reply", why))
        if self._envelope is not None:
            self._settle_envelope(Outcome(Result.NOT_STARTED, "not_started", why))
        if self._owner is not None:
            self._owner.session_lost(self)

    @property
    def is_closed(self) -> bool:
        return self._closing

    @property
    def is_idle(self) -> bool:
        return self._ready and self._envelope is None and self._flying is None and not self._expected

    # --- messages

    def begin(self) -> None:
        """Take the next message if there is none. Called when the session is ready and when messages wait again."""
        self._ready = True
        if self.is_idle and (outgoing := self._next_message()):
            self._transport.write(self._open(outgoing))

    @property
    def offers(self) -> dict:
        """What the server takes, as ProviderAccount.offers."""
        return {"smtputf8": self.takes_utf8, "size": self.max_size}

    def _next_message(self) -> Email | None:
        """The next message that this server can take. Others are settled."""
        while self._owner is not None and (outgoing := self._owner.next_message(self)):
            refusal = self._refuses(outgoing)
            if refusal is None:
                return outgoing
            outgoing.settle(outgoing.contact_id, refusal)
        return None

    def _refuses(self, outgoing: Email) -> Outcome | None:
        """What this server would refuse, as it said at the start; None if it may take the message."""
        if not outgoing.recipient.isascii() and not self.takes_utf8:
            return NEEDS_UTF8
        if 0 < self.max_size < len(outgoing.source):
            # As a rule all messages of the batch are as large: many of these hold it.
            detail = f"{len(outgoing.source)} > {self.max_size} (SIZE)"
            return Outcome(Result.UNCLEAR, "too_large", detail)
        return None

    async def quit(self) -> None:
        """Send QUIT and close. Call it when nothing is under way."""
        self._owner = None
        if not self._closing:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(self.command(b"QUIT"), 2)
        if not self._closing:
            self._closing = True
            self._transport.abort()

    def _open(self, outgoing: Email) -> bytes:
        """Return the bytes that start a message: its envelope, or without pipelining the first command."""
        self._envelope, self._refusal = outgoing, None
        reset = b""
        if self._needs_reset:
            self._needs_reset, reset = False, b"RSET\r\n"
            self._expect(self._reset_replied)
            if not self.pipelines:
                return reset
        mail = b"MAIL FROM:<%b>%b\r\n" % (outgoing.return_path.encode(), self._mail_parameters(outgoing))
        if not self.pipelines:
            self._expect(self._mail_replied)
            return mail
        self._expect(self._mail_replied, self._rcpt_replied, self._data_replied)
        return b"%b%bRCPT TO:<%b>\r\nDATA\r\n" % (reset, mail, outgoing.recipient.encode())

    def _mail_parameters(self, outgoing: Email) -> bytes:
        # A header with such an address is 8-bit (RFC 6532), and who offers SMTPUTF8 offers 8BITMIME (RFC 6531, 3.1).
        return b"" if outgoing.recipient.isascii() else b" BODY=8BITMIME SMTPUTF8"

    def _reset_replied(self, code: int, text: str) -> None:
        if code != 250:
            self.drop(f"{code} {text}")
        elif not self.pipelines and self._envelope is not None:
            self._transport.write(self._open(self._envelope))

    def _mail_replied(self, code: int, text: str) -> None:
        if code != 250:
            self._refuse(code, text, replies.of_sender)
        if not self.pipelines and not self._closing:
            self._go_on(self._rcpt_replied, b"RCPT TO:<%b>\r\n")

    def _rcpt_replied(self, code: int, text: str) -> None:
        if code not in (250, 251) and self._refusal is None:
            self._refuse(code, text, replies.of_recipient)
        if not self.pipelines and not self._closing:
            self._go_on(self._data_replied, b"DATA\r\n")

    def _go_on(self, handler: Handler, command: bytes) -> None:
        """Write the next command of an envelope without pipelining, unless it was refused."""
        if self._refusal is not None or self._envelope is None:
            self._envelope_is_over()
            return
        self._expect(handler)
        self._transport.write(command % self._envelope.recipient.encode() if b"%" in command else command)

    def _data_replied(self, code: int, text: str) -> None:
        if code != 354:
            if self._refusal is None:
                self._refuse(code, text, replies.of_content)
            if not self._closing:
                self._envelope_is_over()
        elif self._refusal is not None:
            # The server expects a body although it refused the envelope (RFC 2920, 3.1). Send an empty one; the answer
            # to it says nothing new.
            self._expect(self._empty_replied)
            self._transport.write(b".\r\n")
        elif self._envelope is not None:
            self._begin_body(self._envelope)

    def _begin_body(self, outgoing: Email) -> None:
        self._envelope, self._flying = None, outgoing
        source = outgoing.source
        if outgoing.may_have_dots:
            source = replies.LEADING_DOT.sub(b"..", source)
        parts = [source, b".\r\n" if source.endswith(b"\r\n") else b"\r\n.\r\n"]
        self._expect(self._body_replied)
        self.sent += 1
        # Made before the clock is read: making a message takes a while, and this one must not wait for the next.
        if self.pipelines and (following := self._next_message()):
            parts.append(self._open(following))
        if time.monotonic() > outgoing.latest:
            self._drop_late()
        else:
            self._transport.writelines(parts)

    def _drop_late(self) -> None:
        """Too late after the gate. A server discards a message without its final dot (RFC 5321, 4.1.1.4)."""
        self._settle_flying(NOT_IN_TIME)
        self.drop("")

    def _empty_replied(self, code: int, text: str) -> None:
        self._needs_reset = True
        self._envelope_is_over()

    def _refuse(self, code: int, text: str, classify: Callable[[int, str], Outcome]) -> None:
        """Remember the refusal; the envelope is settled when all of its replies have come."""
        if code == 0:  # not SMTP: this connection is unusable, and nothing was sent
            self.drop(text)
            return
        self._refusal, self._needs_reset = classify(code, " ".join(text.split())), True
        if code == 421:
            refusal = self._refusal
            self._settle_envelope(refusal)
            self.drop(text)

    def _envelope_is_over(self) -> None:
        self._needs_reset = True
        if self._refusal is not None:
            self._settle_envelope(self._refusal)
        self._next()

    def _body_replied(self, code: int, text: str) -> None:
        if 200 <= code < 300:
            self._settle_flying(Outcome(Result.ACCEPTED, "", " ".join(text.split())[:120]))
        elif 400 <= code < 600:
            self._settle_flying(replies.of_content(code, " ".join(text.split())))
            if code == 421:
                self.drop(text)
                return
        else:
            # Not SMTP: the server does not say what it did with the message.
            self.drop(f"{code} {text}")
            return
        if self._envelope is None:
            self._next()

    def _next(self) -> None:
        if not self._closing and self._flying is None and not self._expected:
            self.begin()

    def _settle_flying(self, outcome: Outcome) -> None:
        outgoing, self._flying = self._flying, None
        if outgoing is not None:
            outgoing.settle(outgoing.contact_id, outcome)

    def _settle_envelope(self, outcome: Outcome) -> None:
        outgoing, self._envelope = self._envelope, None
        if outgoing is not None:
            outgoing.settle(outgoing.contact_id, outcome)
