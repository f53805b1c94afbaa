"""Many calls to one provider's HTTP interface, in a lane's event loop, over connections that are kept.

Nothing is tried again here, with one exception: where the provider drops requests it has seen (Api.is_idempotent), a
reply that was lost is asked for once more, and can only confirm. What a failure means depends on whether the request
may have been written: before, nothing was sent; after, nobody can know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

import aiohttp
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from delivery.channels.base import NOT_IN_TIME, AccountProblem, Carrier, Desk, Outcome, Outgoing, Result
from delivery.channels.http_api import Answer, Api, Call

log = logging.getLogger("fanfare.delivery")

AT_ONCE, AT_MOST = 20, 50  # calls under way
CONNECT_SECONDS = 3.0
REPEAT_SECONDS = 10.0  # for a repeated call: with the first one's, well within a lease and the provider's memory
KEEP_SECONDS = 10.0  # an idle connection; shorter than servers do, as one closed under a request makes it unknown
# Connections that failed in a row, with no answer in between, until the account rests. One, where none ever worked.
FAILURES_IN_A_ROW = 5
LOST = Outcome(Result.UNKNOWN, "lost_reply")


class NotConnected(Exception):
    """No byte of the request was written. The text is for the merchant."""


class Lost(Exception):
    """The request may have been written, and there is no answer to it."""


class HttpCarrier(Carrier):
    _api: Api

    def __init__(self, desk: Desk, make_api: Callable[[dict, dict], Api], account):
        """Never raises: settings that can't make a request are told as the desk's problem."""
        super().__init__(desk)
        self.width = max(1, min(int(account.options.get("connections") or AT_ONCE), AT_MOST))
        try:
            self._api = make_api(account.options, account.secret or {})
        except AccountProblem as problem:
            desk.give_up(problem)  # nothing is taken from it any more
        self._timeout = float(settings.HTTP_TIMEOUT)
        self._session = open_session(self._timeout)
        self._workers: set[asyncio.Task] = set()
        self._is_closing = False
        self._has_answered, self._failures = False, 0
        desk.kick = self._kick

    def _kick(self) -> None:
        while len(self._workers) < self.width and len(self._workers) < self._wanted():
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _wanted(self) -> int:
        stopped = self._is_closing or self.desk.problem is not None
        return 0 if stopped else len(self._workers) + len(self.desk)

    def _ended(self, worker: asyncio.Task) -> None:
        self._workers.discard(worker)
        if len(self.desk):
            self._kick()

    async def _work(self) -> None:
        """One call after the other."""
        while not self._is_closing and self.desk.problem is None and (outgoing := self.desk.take()):
            await self._carry(outgoing)

    async def _carry(self, outgoing: Outgoing) -> None:
        """Settles the message exactly once, whatever happens."""
        outcome = LOST
        try:
            outcome = await self._outcome_of(outgoing)
        except Exception as problem:
            # Not its text: it may quote the request. What it was raised by may have come after the request.
            log.error("a call to %s ended in %s", self._api.label, type(problem).__name__)
        finally:
            outgoing.settle(outgoing.contact_id, outcome)

    async def _outcome_of(self, outgoing: Outgoing) -> Outcome:
        try:
            call = self._api.sending(outgoing)
        except Exception as problem:
            log.error("message %s/%s: %s", outgoing.batch_id, outgoing.contact_id, type(problem).__name__)
            return Outcome(Result.REFUSED, "render", type(problem).__name__)
        if time.monotonic() > outgoing.latest:
            return NOT_IN_TIME
        try:
            answer = await ask(self._session, call)
        except NotConnected as problem:
            return self._not_connected(str(problem))
        except Lost as problem:
            return await self._ask_again(call, Outcome(Result.UNKNOWN, "lost_reply", str(problem)), was_answered=False)
        self._has_answered, self._failures = True, 0
        try:
            outcome = self._api.outcome(answer)
        except AccountProblem as problem:
            self.desk.give_up(problem)
            return Outcome(Result.NOT_STARTED, "account", str(problem)[:300])
        if outcome.result is Result.UNKNOWN:
            return await self._ask_again(call, outcome, was_answered=True)
        return outcome

    def _not_connected(self, why: str) -> Outcome:
        self._failures += 1
        if not self._has_answered or self._failures >= FAILURES_IN_A_ROW:
            self.desk.give_up(AccountProblem(why))
        return Outcome(Result.NOT_STARTED, "not_started", why[:300])

    async def _ask_again(self, call: Call, unknown: Outcome, *, was_answered: bool) -> Outcome:
        """The same call with the same key, once. It can only confirm: any other answer says nothing about the first."""
        if not self._api.is_idempotent or self._is_closing or self.desk.problem is not None:
            return unknown
        try:
            async with asyncio.timeout(REPEAT_SECONDS):
                answer = await ask(self._session, call)
        except (NotConnected, Lost, TimeoutError):
            return unknown
        if 200 <= answer.status < 300:
            return self._api.outcome(answer)
        if self._api.is_repeat(answer) and not was_answered:
            return Outcome(Result.ACCEPTED)
        return unknown

    async def close(self) -> None:
        self._is_closing = True
        try:
            workers = set(self._workers)
            if workers:
                _done, late = await asyncio.wait(workers, timeout=self._timeout)
                for worker in late:
                    worker.cancel()
                await asyncio.gather(*late, return_exceptions=True)
        finally:
            with contextlib.suppress(Exception):
                await self._session.close()


def open_session(timeout: float) -> aiohttp.ClientSession:
    """No cookies, no proxies from the environment; there are never more connections than calls under way."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS),
        headers={"User-Agent": "Fanfare"},
    )


async def ask(session: aiohttp.ClientSession, call: Call) -> Answer:
    """The answer; its body is empty where it broke off. Redirects are not followed. Raises NotConnected and Lost."""
    url = URL(call.url, encoded=True)
    try:
        # aiohttp itself repeats idempotent methods only, and POST is none.
        async with session.request(
            call.method, url, data=call.body or None, headers=call.headers, allow_redirects=False
        ) as response:
            try:
                body = await response.read()
            except (aiohttp.ClientError, OSError, TimeoutError):
                body = b""
            return Answer(response.status, response.headers, body)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as problem:
        raise NotConnected(
            _("No connection to %(host)s (%(detail)s). Check the network and firewalls on the way.")
            % {"host": url.host, "detail": _reason(problem)}
        ) from None
    except (aiohttp.ClientError, OSError, TimeoutError) as problem:
        raise Lost(type(problem).__name__) from None


def _reason(problem: Exception) -> str:
    system = getattr(problem, "os_error", None)
    return (getattr(system, "strerror", None) or type(problem).__name__)[:100]


def check(api: Api) -> str:
    """What the provider says about the account. Raises AccountProblem."""
    return asyncio.run(_check(api))


async def _check(api: Api) -> str:
    async with open_session(10.0) as session:
        try:
            answer = await ask(session, api.checking())
        except NotConnected as problem:
            raise AccountProblem(str(problem)) from None
        except Lost:
            raise AccountProblem(
                _("%(provider)s does not answer. Try again in a minute.") % {"provider": api.label}
            ) from None
    if not 200 <= answer.status < 300:
        raise api.problem(answer)
    return api.found(answer)
