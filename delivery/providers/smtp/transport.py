"""Many SMTP sessions to one account's server, in a lane's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from typing import cast

from django.conf import settings

from delivery.channels.base import AccountProblem, Outbox, Transport
from delivery.channels.email.outgoing import Email
from delivery.providers.smtp.connecting import open_session
from delivery.providers.smtp.session import Session

log = logging.getLogger("fanfare.delivery")

RECYCLE_AFTER = 500  # messages on one connection; some servers become slow, or close at a limit of their own
OPEN_AGAIN_AFTER = 5.0  # seconds after the server refused a further connection
_open_to_host: Counter[str] = Counter()  # connections by host, over all accounts of this worker


class SmtpTransport(Transport):
    def __init__(self, outbox: Outbox, options: dict, secret: dict):
        super().__init__(outbox)
        self.width = min(int(options.get("connections") or settings.SMTP_CONNECTIONS), settings.SMTP_CONNECTIONS)
        self._options, self._secret = options, secret
        self._sessions: set[Session] = set()
        self._openings: set[asyncio.Task] = set()
        self._farewells: set[asyncio.Task] = set()
        self._not_before = 0.0
        self._is_closing = False
        self._watch = asyncio.create_task(self._watch_timeouts())
        outbox.kick = self._kick

    # --- what sessions call

    def next_message(self, session: Session) -> Email | None:
        if session.sent >= RECYCLE_AFTER:
            # Not at once: it may have a message under way. It is closed when it is idle.
            asyncio.get_running_loop().call_soon(self._recycle, session)
            return None
        return None if self._is_closing else cast("Email | None", self.outbox.take())

    def session_lost(self, session: Session) -> None:
        self._forget(session)
        if not self._is_closing:
            asyncio.get_running_loop().call_soon(self._kick)

    # --- opening and closing

    def _kick(self) -> None:
        for session in list(self._sessions):
            if not len(self.outbox):
                return
            if session.is_idle:
                session.begin()
        self._open_more()

    def _open_more(self) -> None:
        if self._is_closing or self.outbox.problem is not None or time.monotonic() < self._not_before:
            return
        host = self._options["host"]
        wanted = min(self.width, len(self._sessions) + len(self.outbox))
        while len(self._sessions) + len(self._openings) < wanted:
            if _open_to_host[host] >= settings.SMTP_CONNECTIONS_PER_HOST:
                if not self._sessions and not self._openings:
                    asyncio.get_running_loop().call_later(0.2, self._kick)
                return
            _open_to_host[host] += 1
            task = asyncio.create_task(self._open())
            self._openings.add(task)
            task.add_done_callback(self._openings.discard)

    async def _open(self) -> None:
        try:
            session, _ = await open_session(self, self._options, self._secret, settings.SMTP_TIMEOUT)
        except AccountProblem as problem:
            _open_to_host[self._options["host"]] -= 1
            self._not_before = time.monotonic() + OPEN_AGAIN_AFTER
            if not self._sessions:
                # No connection at all: a problem of the account. With some open, the server just takes no more.
                self.outbox.give_up(problem)
            return
        except asyncio.CancelledError:
            _open_to_host[self._options["host"]] -= 1
            raise
        self._sessions.add(session)
        self.offers = session.offers
        session.begin()

    def _recycle(self, session: Session) -> None:
        if session.is_idle and session in self._sessions:
            self._forget(session)
            self._say_goodbye(session)
            self._kick()

    def _say_goodbye(self, session: Session) -> None:
        task = asyncio.create_task(session.quit())
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    def _forget(self, session: Session) -> None:
        if session in self._sessions:
            self._sessions.discard(session)
            _open_to_host[self._options["host"]] -= 1

    async def _watch_timeouts(self) -> None:
        """Check all sessions for timeouts. One clock for all: a timer per message would cost more than the message."""
        while True:
            await asyncio.sleep(min(0.5, settings.SMTP_TIMEOUT / 4))
            now = time.monotonic()
            for session in list(self._sessions):
                if session.waiting_since is not None and now - session.waiting_since > settings.SMTP_TIMEOUT:
                    session.drop("The server did not answer in time.")
            if len(self.outbox):
                self._kick()

    async def close(self) -> None:
        self._is_closing = True
        for task in list(self._openings):
            task.cancel()
        end = time.monotonic() + settings.SMTP_TIMEOUT
        while any(not session.is_idle for session in self._sessions) and time.monotonic() < end:
            await asyncio.sleep(0.02)
        for session in list(self._sessions):
            self._forget(session)
            self._say_goodbye(session)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*self._farewells, *self._openings, return_exceptions=True), 3)
        self._watch.cancel()
