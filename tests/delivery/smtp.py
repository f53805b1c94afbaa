"""A real SMTP server on loopback, with faults on demand. The recipient's local part decides what happens."""

from __future__ import annotations

import asyncio
import contextlib

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Mailbox:
    """aiosmtpd handler. hard@: 550 5.1.1; soft@: 451; policy@: 554 5.7.1 after the body; drop@: accepted, but the
    connection closes before the answer; full@: 451 once, then accepted. `at_mail` and `at_rcpt` have the answers to
    MAIL FROM and RCPT TO by sender address."""

    takes_utf8 = False

    def __init__(self, *, pipelines: bool = False):
        self.taken: list[tuple[str, bytes]] = []
        self.seen: list[str] = []
        self.senders: list[str] = []
        self.logins: list[bytes] = []
        self.at_mail: dict[str, str] = {}
        self.at_rcpt: dict[str, str] = {}
        self._pipelines = pipelines

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *["250-PIPELINING"] * self._pipelines, *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.senders.append(address)
        if address in self.at_mail:
            return self.at_mail[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.partition("@")[0]
        self.seen.append(address)
        if envelope.mail_from in self.at_rcpt:
            return self.at_rcpt[envelope.mail_from]
        if kind.startswith("hard"):
            return "550 5.1.1 No such user here"
        if kind.startswith("soft") or (kind.startswith("full") and self.seen.count(address) == 1):
            return "451 4.3.0 Try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        kind = address.partition("@")[0]
        if kind.startswith("policy"):
            return "554 5.7.1 Message looks like spam"
        self.taken.append((address, envelope.content))
        if kind.startswith("drop"):
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 2.0.0 Taken"

    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.taken)


class _Server(SMTP):
    def connection_lost(self, error):
        with contextlib.suppress(Exception):
            super().connection_lost(error)


class _Controller(Controller):
    def factory(self):
        return _Server(self.handler, data_size_limit=10_000_000, enable_SMTPUTF8=self.handler.takes_utf8)


@contextlib.contextmanager
def serving(handler=None):
    """Run a server. Yields (handler, port)."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = handler or Mailbox()
    controller = _Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()
