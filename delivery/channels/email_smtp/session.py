"""One SMTP connection in an event loop (RFC 5321), pipelined where the server offers it (RFC 2920).

In steady state one write carries the end of one message and the envelope of the next (`body . MAIL RCPT DATA`), so a
message costs one round trip. What a failure means depends on how far its message had come: before the body nothing was
sent; between the body and the answer to its final dot nobody can know (RFC 1047).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import deque
from typing import Protocol

from delivery.channels.base import NOT_IN_TIME, Outcome, Outgoing, Result
from delivery.channels.email_smtp import replies

LONGEST_LINE = 64 * 1024  # of a reply; a server that sends more without a line end is not speaking SMTP
ACCEPTED = Outcome(Result.ACCEPTED)


class Owner(Protocol):
    """Who opened the session."""

    def next_message(self, session: Session) -> Outgoing | None: ...

    def session_lost(self, session: Session) -> None: ...


class Session(asyncio.Protocol):
    """Handshake by `await command()`, then messages by `begin()`. Everything runs in the loop's thread."""

    def __init__(self, owner: Owner | None = None):
        self._owner = owner
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self.greeting: asyncio.Future
        self._rest = b""
        self._account_lanes: list[bytes] = []
        # What the next replies belong to, in order: a future (handshake) or a method taking (code, text).
        self._expected: deque = deque()
        self._envelope: Outgoing | None = None  # MAIL, RCPT and DATA are written, the body is not
        self._flying: Outgoing | None = None  # the body is written, its answer is not here
        self._refusal: Outcome | None = None
        self._needs_reset = False
        self._closing = False
        self._ready = False
        self.pipelines = False
        self.mechanisms: list[str] = []  # of log-in
        self.sent = 0
        self.waiting_since: float | None = None  # time.monotonic() since which an answer is due

    # --- the connection

    def connection_made(self, transport) -> None:
        self._transport = transport
        self.greeting = asyncio.get_running_loop().create_future()  # the server may speak before anybody waits
        self._expect(self.greeting)
        plain = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        self._rest, self._account_lanes = b"", []  # what came before the handshake can't be trusted (CVE-2011-0411)
        loop = asyncio.get_running_loop()
        self._transport = await loop.start_tls(self._transport, self, context, server_hostname=host)

    async def reply(self) -> tuple[int, str]:
        """The next reply of the handshake. Raises ConnectionError where the connection ends instead."""
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
        if len(self._rest) > LONGEST_LINE:
            return self.drop("The server's reply has no end.")
        for line in lines:
            self._account_lanes.append(line[4:])
            if line[3:4] != b"-":
                text = self._account_lanes[0] if len(self._account_lanes) == 1 else b"\n".join(self._account_lanes)
                self._account_lanes = []
                code = int(line[:3]) if line[:3].isdigit() and len(line) >= 3 else 0
                self._replied(code, text.decode("utf-8", "replace"))
            elif len(self._account_lanes) > 200:
                return self.drop("The server's reply has no end.")

    def _expect(self, *handlers) -> None:
        if not self._expected:
            self.waiting_since = time.monotonic()
        self._expected.extend(handlers)

    def _replied(self, code: int, text: str) -> None:
        if not self._expected:
            # Nothing was asked: a server that says it closes (421), or one that is out of step.
            return self.drop(f"{code} {text}")
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
        """End it now: what is on its way has no answer, what has only an envelope was not sent."""
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
        """Take the next message, where this session has none. Called when ready, and when there is one again."""
        self._ready = True
        if self.is_idle and (outgoing := self._owner.next_message(self)):
            self._transport.write(self._open(outgoing))

    async def quit(self) -> None:
        """Say goodbye, once what is under way has its answers."""
        self._owner = None
        if not self._closing:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(self.command(b"QUIT"), 2)
        if not self._closing:
            self._closing = True
            self._transport.abort()

    def _open(self, outgoing: Outgoing) -> bytes:
        """The bytes that begin a message."""
        self._envelope, self._refusal = outgoing, None
        reset = b""
        if self._needs_reset:
            self._needs_reset, reset = False, b"RSET\r\n"
            self._expect(self._reset_replied)
            if not self.pipelines:
                return reset
        mail = b"MAIL FROM:<%b>\r\n" % outgoing.sender.encode()
        if not self.pipelines:
            self._expect(self._mail_replied)
            return mail
        self._expect(self._mail_replied, self._rcpt_replied, self._data_replied)
        return b"%b%bRCPT TO:<%b>\r\nDATA\r\n" % (reset, mail, outgoing.recipient.encode())

    def _reset_replied(self, code: int, text: str) -> None:
        if code != 250:
            self.drop(f"{code} {text}")
        elif not self.pipelines:
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

    def _go_on(self, handler, command: bytes) -> None:
        """The next step of an envelope without pipelining; none where it was refused."""
        if self._refusal is not None:
            return self._envelope_is_over()
        self._expect(handler)
        self._transport.write(command % self._envelope.recipient.encode() if b"%" in command else command)

    def _data_replied(self, code: int, text: str) -> None:
        if code != 354:
            if self._refusal is None:
                self._refuse(code, text, replies.of_content)
            if not self._closing:
                self._envelope_is_over()
        elif self._refusal is not None:
            # The server wants a body for nobody (RFC 2920, 3.1): an empty one, whose answer says nothing new.
            self._expect(self._empty_replied)
            self._transport.write(b".\r\n")
        elif time.monotonic() > self._envelope.latest:
            # Too late after the gate: a body that was not ended is discarded (RFC 5321, 4.1.1.4).
            self._settle_envelope(NOT_IN_TIME)
            self.drop("")
        else:
            self._write_body()

    def _empty_replied(self, code: int, text: str) -> None:
        self._needs_reset = True
        self._envelope_is_over()

    def _refuse(self, code: int, text: str, classify) -> None:
        """Remember the refusal; the envelope is settled once all of its replies are here."""
        if code == 0:  # not SMTP: the connection can't be relied on, and nothing was sent
            return self.drop(text)
        self._refusal, self._needs_reset = classify(code, " ".join(text.split())), True
        if code == 421:
            refusal = self._refusal
            self._settle_envelope(refusal)
            self.drop(text)

    def _envelope_is_over(self) -> None:
        self._needs_reset = True
        self._settle_envelope(self._refusal)
        self._next()

    def _write_body(self) -> None:
        outgoing, self._envelope = self._envelope, None
        self._flying = outgoing
        self.sent += 1
        source = outgoing.source
        if outgoing.may_have_dots:
            source = replies.LEADING_DOT.sub(b"..", source)
        parts = [source, b".\r\n" if source.endswith(b"\r\n") else b"\r\n.\r\n"]
        self._expect(self._body_replied)
        if self.pipelines and (following := self._owner.next_message(self)):
            parts.append(self._open(following))
        self._transport.writelines(parts)

    def _body_replied(self, code: int, text: str) -> None:
        if 200 <= code < 300:
            self._settle_flying(Outcome(Result.ACCEPTED, "", " ".join(text.split())[:120]))
        elif 400 <= code < 600:
            self._settle_flying(replies.of_content(code, " ".join(text.split())))
            if code == 421:
                return self.drop(text)
        else:
            # Not SMTP: whatever this server did with the message, it did not say.
            return self.drop(f"{code} {text}")
        if self._envelope is None:
            self._next()

    def _next(self) -> None:
        if not self._closing and self._flying is None and not self._expected:
            self.begin()

    def _settle_flying(self, outcome: Outcome) -> None:
        outgoing, self._flying = self._flying, None
        outgoing.settle(outgoing.contact_id, outcome)

    def _settle_envelope(self, outcome: Outcome) -> None:
        outgoing, self._envelope = self._envelope, None
        outgoing.settle(outgoing.contact_id, outcome)
