"""Many calls to one provider's HTTP interface, in a lane's event loop, over kept-alive connections.

Nothing is tried again here, with one exception: if the provider drops requests that it has seen (Api.is_idempotent), a
call whose answer was lost is repeated once, and can only confirm. What a failure means depends on whether the request
may have been written: before that, nothing was sent; after it, the outcome can't be known."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar

import aiohttp
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from delivery.channels.base import (
    NOT_IN_TIME,
    AccountProblem,
    Outbox,
    Outcome,
    Outgoing,
    Result,
    SharedPart,
    Taken,
    Transport,
)
from delivery.models import ProviderAccount
from delivery.providers.http_api import Answer, Api, BulkApi, Call

log = logging.getLogger("fanfare.delivery")

DEFAULT_CALLS, MAX_CALLS = 20, 50  # calls under way at once
CONNECT_SECONDS = 3.0
# Timeout of a repeated call. Both calls together must take less than a lease, and than the provider remembers keys.
REPEAT_SECONDS = 10.0
KEEP_SECONDS = 10.0  # for an idle connection. Less than servers use: one that closes during a request makes it unknown
# After so many failed connections in a row with no answer in between, the account pauses; after one, if none ever
# worked.
FAILURES_IN_A_ROW = 5
# time.monotonic() after which this task's call may not start.
_latest: ContextVar[float] = ContextVar("latest", default=float("inf"))
LOST = Outcome(Result.UNKNOWN, "lost_reply")
# Internal, never settled: the message gets a call of its own (ALONE), or goes into the next bulk call (AGAIN).
ALONE, AGAIN = Outcome(Result.NOT_STARTED, "alone"), Outcome(Result.NOT_STARTED, "again")


class NotConnected(Exception):
    """Raised if no byte of the request was written. The text is for the merchant."""


class TooLate(Exception):
    """Raised if there was a connection too late. No byte of the request was written."""


class Lost(Exception):
    """Raised if the request may have been written and there is no answer to it."""


class HttpTransport(Transport):
    _api: Api
    _bulk_api: BulkApi  # the same object, set if it takes several messages per call (messages_per_call > 1)

    def __init__(self, outbox: Outbox, make_api: Callable[[dict, dict], Api], account: ProviderAccount):
        """Never raises: unusable settings become the outbox's problem."""
        super().__init__(outbox)
        self.width = max(1, min(int(account.options.get("connections") or DEFAULT_CALLS), MAX_CALLS))
        try:
            self._api = make_api(account.options, account.secret or {})
        except AccountProblem as problem:
            outbox.give_up(problem)  # nothing is taken from it any more
        else:
            if isinstance(self._api, BulkApi):
                self._bulk_api = self._api
                # A lost reply leaves so many messages in doubt: never more than pass the gate at once.
                self.messages_per_call = max(
                    1, min(settings.HTTP_BATCH_SIZE, settings.SUB_BATCH, self._api.messages_per_call)
                )
        self._timeout = float(settings.HTTP_TIMEOUT)
        self._session = open_session(self._timeout)
        self._workers: set[asyncio.Task] = set()
        self._is_closing = False
        self._has_answered, self._failures = False, 0
        outbox.kick = self._kick

    def _kick(self) -> None:
        while len(self._workers) < self.width and len(self._workers) < self._wanted():
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _wanted(self) -> int:
        stopped = self._is_closing or self.outbox.problem is not None
        return 0 if stopped else len(self._workers) + len(self.outbox)

    def _ended(self, worker: asyncio.Task) -> None:
        self._workers.discard(worker)
        if len(self.outbox):
            self._kick()

    async def _work(self) -> None:
        """Make one call after the other."""
        while not self._is_closing and self.outbox.problem is None:
            if self.messages_per_call > 1 and (taken := self.outbox.take_bulk(self._max_in_call)):
                await self._send_bulk(taken)
            elif outgoing := self.outbox.take():
                await self._send(outgoing)
            else:
                return

    def _max_in_call(self, shared_part: SharedPart) -> int:
        return min(self.messages_per_call, self._bulk_api.max_in_call(shared_part))

    async def _send(self, outgoing: Outgoing) -> None:
        """Send one message and settle it exactly once, whatever happens."""
        outcome = LOST
        try:
            outcome = await self._outcome_of(outgoing)
        except Exception as problem:
            # Don't log its text: it may quote the request. It may have been raised after the request was written.
            log.error("a call to %s ended in %s", self._api.label, type(problem).__name__)
        finally:
            outgoing.settle(outgoing.contact_id, outcome)

    async def _outcome_of(self, outgoing: Outgoing) -> Outcome:
        if not outgoing.recipient.isascii():  # no provider takes SMTPUTF8 over HTTP
            return Outcome(Result.REFUSED, "utf8_address")
        try:
            call = self._api.send_request(outgoing)
        except Exception as problem:
            log.error("message %s/%s: %s", outgoing.batch_id, outgoing.contact_id, type(problem).__name__)
            return Outcome(Result.REFUSED, "render", type(problem).__name__)
        if time.monotonic() > outgoing.latest:
            return NOT_IN_TIME
        outcome, _ = await self._call(call, outgoing.latest)
        return outcome

    async def _send_bulk(self, taken: list[Taken]) -> None:
        """Send messages in one call. Settle each exactly once, whatever happens, or put it back in the outbox."""
        outcomes = [LOST] * len(taken)
        try:
            outcomes = await self._outcomes_of(taken)
        except Exception as problem:
            log.error("a call to %s ended in %s", self._api.label, type(problem).__name__)
        finally:
            alone: list[Taken] = []
            again: list[Taken] = []
            for one, outcome in zip(taken, outcomes, strict=True):
                recipient_part = one[2]
                if outcome is not ALONE and outcome is not AGAIN:
                    recipient_part.settle(recipient_part.contact_id, outcome)
                elif self._is_closing:
                    recipient_part.settle(recipient_part.contact_id, NOT_IN_TIME)
                else:
                    (alone if outcome is ALONE else again).append(one)
            if alone:
                self.outbox.put_single(alone)
            if again:
                self.outbox.put_back(again)

    async def _outcomes_of(self, taken: list[Taken]) -> list[Outcome]:
        recipient_parts = [recipient_part for _, _, recipient_part in taken]
        try:
            call = self._bulk_api.bulk_request(recipient_parts)
        except Exception as problem:
            log.error("messages of batch %s: %s", recipient_parts[0].shared_part.batch_id, type(problem).__name__)
            return [ALONE] * len(recipient_parts)
        now = time.monotonic()
        if any(now > recipient_part.latest for recipient_part in recipient_parts):
            return [NOT_IN_TIME if now > recipient_part.latest else ALONE for recipient_part in recipient_parts]
        outcome, answer = await self._call(call, min(recipient_part.latest for recipient_part in recipient_parts))
        if outcome.result is Result.ACCEPTED and answer is not None:
            ids = self._bulk_api.message_ids(answer, len(recipient_parts))
            return [Outcome(Result.ACCEPTED, "", found[:120]) for found in ids]
        if (
            outcome.result is Result.HARD
            and answer is not None
            and (named := self._bulk_api.outcomes_by_position(answer, len(recipient_parts)))
        ):
            return [named.get(place, AGAIN) for place in range(len(recipient_parts))]
        if outcome.result in (Result.REFUSED, Result.HARD, Result.UNCLEAR):
            # A definite refusal of all, perhaps because of one: nobody got anything, and each message is sent alone. A
            # message that is too late for that comes back in the next round, which has no bulk calls.
            return [ALONE] * len(recipient_parts)
        return [outcome] * len(recipient_parts)

    async def _call(self, call: Call, latest: float) -> tuple[Outcome, Answer | None]:
        """(outcome of a call, the answer that decided it, if there was one). It does not start after `latest`."""
        _latest.set(latest)
        try:
            answer = await make_call(self._session, call)
        except TooLate:
            return NOT_IN_TIME, None
        except NotConnected as problem:
            return self._not_connected(str(problem)), None
        except Lost as problem:
            unknown = Outcome(Result.UNKNOWN, "lost_reply", str(problem))
            return await self._repeat_call(call, unknown, was_answered=False)
        self._has_answered, self._failures = True, 0
        try:
            outcome = self._api.outcome(answer, call.sender)
        except AccountProblem as problem:
            self.outbox.give_up(problem)
            return Outcome(Result.NOT_STARTED, "account", str(problem)[:300]), answer
        if outcome.result is Result.UNKNOWN:
            return await self._repeat_call(call, outcome, was_answered=True)
        return outcome, answer

    def _not_connected(self, why: str) -> Outcome:
        self._failures += 1
        if not self._has_answered or self._failures >= FAILURES_IN_A_ROW:
            self.outbox.give_up(AccountProblem(why))
        return Outcome(Result.NOT_STARTED, "not_started", why[:300])

    async def _repeat_call(self, call: Call, unknown: Outcome, *, was_answered: bool) -> tuple[Outcome, Answer | None]:
        """Repeat the call with the same idempotency key, once. It can only confirm: any other answer says nothing about
        the first call."""
        if not self._api.is_idempotent or self._is_closing or self.outbox.problem is not None:
            return unknown, None
        _latest.set(float("inf"))
        try:
            async with asyncio.timeout(REPEAT_SECONDS):
                answer = await make_call(self._session, call)
        except (NotConnected, Lost, TimeoutError):
            return unknown, None
        if 200 <= answer.status < 300:
            return self._api.outcome(answer), answer
        if self._api.is_repeat(answer) and not was_answered:
            return Outcome(Result.ACCEPTED), None
        return unknown, None

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
    """A session without cookies or proxies from the environment, with a connection per call under way."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS),
        headers={"User-Agent": "Fanfare"},
        request_class=_PunctualRequest,
    )


class _PunctualRequest(aiohttp.ClientRequest):
    """Reads the clock when there is a connection: opening one may take seconds, which the message doesn't have."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        if time.monotonic() > _latest.get():
            conn.release()  # the next call uses it, however long it took to open
            raise TooLate
        return await super().send(conn)


async def make_call(session: aiohttp.ClientSession, call: Call) -> Answer:
    """Make a call. Does not follow redirects. A body that broke off is empty. Raises NotConnected and Lost."""
    url = URL(call.url, encoded=True)
    try:
        # aiohttp repeats idempotent methods only, and POST is not one.
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
            _("Can't connect to %(host)s (%(detail)s). Check the network and any firewalls.")
            % {"host": url.host, "detail": _reason(problem)}
        ) from None
    except (aiohttp.ClientError, OSError, TimeoutError) as problem:
        raise Lost(type(problem).__name__) from None


def _reason(problem: Exception) -> str:
    system = getattr(problem, "os_error", None)
    return (getattr(system, "strerror", None) or type(problem).__name__)[:100]


def check(api: Api) -> str:
    """A sentence with what the provider says about the account. Raises AccountProblem."""
    return asyncio.run(_check(api))


async def _check(api: Api) -> str:
    async with open_session(10.0) as session:
        try:
            answer = await make_call(session, api.check_request())
        except NotConnected as problem:
            raise AccountProblem(str(problem)) from None
        except Lost:
            raise AccountProblem(
                _("%(provider)s isn't answering. Try again in a minute.") % {"provider": api.label}
            ) from None
    if not 200 <= answer.status < 300:
        raise api.problem(answer)
    return api.account_summary(answer)
