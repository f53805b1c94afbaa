"""The simple transport: a provider's blocking connections, each in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from delivery.channels.base import NOT_IN_TIME, AccountProblem, Connection, Outbox, Outcome, Outgoing, Result, Transport

log = logging.getLogger("fanfare.delivery")


class ThreadTransport(Transport):
    def __init__(self, outbox: Outbox, connect: Callable[[], Connection], n: int):
        super().__init__(outbox)
        self.width = n
        self._connect = connect
        self._threads = ThreadPoolExecutor(n)
        self._idle: list[Connection] = []
        self._tasks: set[asyncio.Task] = set()
        outbox.kick = self._kick

    def _kick(self) -> None:
        while len(self._tasks) < self.width and len(self.outbox) > len(self._tasks):
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self.outbox.problem is None and (outgoing := self.outbox.take()):
            outcome = await loop.run_in_executor(self._threads, self._send, outgoing)
            outgoing.settle(outgoing.contact_id, outcome)

    def _send(self, outgoing: Outgoing) -> Outcome:
        try:
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                # Only now: to connect may take long.
                return NOT_IN_TIME if time.monotonic() > outgoing.latest else connection.send(outgoing)
            finally:
                self._idle.append(connection)
        except AccountProblem as problem:
            self.outbox.give_up(problem)
            return Outcome(Result.NOT_STARTED, "account", str(problem)[:300])
        except Exception as problem:
            log.exception("message to contact %s: its outcome is not known", outgoing.contact_id)
            return Outcome(Result.UNKNOWN, "lost_reply", type(problem).__name__)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._idle:
            self._idle.pop().close()
        await asyncio.get_running_loop().run_in_executor(self._threads, connections.close_all)
        self._threads.shutdown(wait=False)
