"""Works through one lease: passes the gate for the next sub-batch while the last one is on its way, settles in sets."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.conf import settings
from django.db import Error as DatabaseErrors
from django.db import connections

from contacts.identity.addresses import BadAddress
from delivery.channels.base import NOT_IN_TIME, AccountProblem, Outcome, Outgoing, RecipientPart, Result, SharedPart
from delivery.models import Message
from delivery.providers.refusals import SOON
from delivery.sending import leases, making, recovering, settling, throttling
from delivery.sending.gate import Closed, Person, pass_gate, quota_left
from delivery.sending.sender_refusals import HOLDING
from templates_app.merging import MergeError, TooCostly

if TYPE_CHECKING:
    from delivery.sending.lane import AccountLane, BatchWork, Lane

log = logging.getLogger("fanfare.delivery")

P = ParamSpec("P")
T = TypeVar("T")

# Seconds after the gate is asked. A message whose call has not started by then goes back, so that the kill switch and
# an opt-out take effect within a second. Not after it has answered: its statement sees people as they were when it
# began, and may then wait for rows which another lane has locked, one that is frozen even for many seconds.
START_WITHIN = 0.9
SUB_BATCH_SECONDS = 0.1  # a sub-batch is what the connections use up in this time
SETTLE_SECONDS = 0.1
PAUSE_WAIT = 3.0
QUOTA_WAIT = 30.0  # seconds until the quota is read again
SHORT_WAIT = 0.5  # seconds: a lane waits this long for a token of a limit; for longer it turns to other work
THROTTLED = Outcome(Result.NOT_STARTED, "throttled")


class LeaseRunner:
    """Hands the people of one lease to the outbox of an account lane, and records the outcomes."""

    def __init__(self, lane: Lane, account_lane: AccountLane, work: BatchWork, lease: leases.HeldLease):
        self._lane, self._account_lane, self._work, self._lease = lane, account_lane, work, lease
        self._results: list[tuple[int, Outcome]] = []
        self._open = 0  # messages past the gate and not settled
        self._refusal: Outcome | None = None  # of the sender or the template: nobody else of this batch is tried
        self._is_held = False
        self._room, self._due = asyncio.Event(), asyncio.Event()
        self.feeding = True
        self.is_over = False

    async def run(self) -> None:
        settler = asyncio.create_task(self._settle())
        try:
            why = await self._feed()
        except Exception:
            why = None  # most likely the database went away; whether the gate was passed is not known
            log.exception("lease %s is left to recovery", self._lease.id)
        finally:
            self.feeding = False
            self._due.set()
            self._lane.wake()
            # Also if feeding failed (the database went away): the outcomes of what is on its way still count.
            await settler
            self.is_over = True
        if why is None:
            await self._write(leases.abandon, self._lease)
        else:
            await self._end(why)

    # --- handing out

    async def _feed(self) -> Closed | str:
        """Pass the gate again and again. Return why that ended: "done", "later", or the gate's answer."""
        while self._lease.handed < self._lease.high:
            if self._refusal is not None or self._account_lane.outbox.problem is not None or self._lane.is_over():
                return "later"
            # Limits of mailbox providers make sub-batches smaller, however many messages a call could carry.
            size = self._account_lane.sub_batch_size(
                bulk=self._may_go_in_bulk and self._work.has_bulk_compiler() and not self._work.mailbox_limits
            )
            room = min(size - self._open + size, settings.SUB_BATCH * 2 - self._lane.in_doubt)
            if self._open > size or room < min(size, 10):
                await wait_for(self._room, 1.0)
                continue
            grant = await self._lane.in_db(throttling.take, self._work.limits, min(size, room))
            if not grant.n:
                if await self._held_back(grant):
                    return "later"
                continue
            latest = time.monotonic() + START_WITHIN
            people = await self._pass(grant.n)
            if people is Closed.QUOTA and (left := await self._quota_left()):
                latest = time.monotonic() + START_WITHIN
                people = await self._pass(min(grant.n, left))
            if isinstance(people, Closed):
                return people
            sub_batch = _SubBatch(self, latest)
            self._open += len(people)
            self._lane.in_doubt += len(people)
            self._account_lane.outbox.put(sub_batch, await self._within_mailbox_limits(people))
        return "done"

    async def _pass(self, size: int) -> list[Person] | Closed:
        work = self._work
        people = await self._lane.in_db(pass_gate, self._lease, rules=work.rules, size=size)
        if work.limits:
            unused = size - (0 if isinstance(people, Closed) else len(people))
            await self._lane.in_db(throttling.put_back, {limit.key: unused for limit in work.limits if unused})
        return people

    async def _quota_left(self) -> int:
        lease = self._lease
        left = await self._lane.in_db(quota_left, lease.workspace_id, self._work.batch.channel)
        if not left:
            await self._lane.in_db(leases.hold_back, lease, self._work.account.pk, "workspace", QUOTA_WAIT)
        return left

    async def _held_back(self, grant: throttling.Grant) -> bool:
        """Wait if the wait is short (returns False). For a longer one, return True: the lane turns to other work."""
        if grant.wait < SHORT_WAIT:
            await asyncio.sleep(grant.wait)
            return False
        account_id = self._work.account.pk
        holder = grant.limit.holder if grant.limit else "account"
        await self._lane.in_db(leases.hold_back, self._lease, account_id, holder, grant.wait)
        return True

    async def _within_mailbox_limits(self, people: list[Person]) -> list[Person]:
        """Return the people whose mailbox provider takes a message now. The others go back, not started, and the next
        sub-batch is smaller."""
        limits = self._work.mailbox_limits
        if not limits:
            return people
        limit_of = self._work.channel.limit_of
        by_limit: dict[throttling.Limit, list[Person]] = {}
        free: list[Person] = []
        for person in people:
            limit = limit_of(person.recipient, limits)
            (free if limit is None else by_limit.setdefault(limit, [])).append(person)
        if not by_limit:
            return people
        granted = await self._lane.in_db(
            throttling.take_each, {limit: len(waiting) for limit, waiting in by_limit.items()}
        )
        for limit, waiting in by_limit.items():
            free += waiting[: granted[limit]]
            for person in waiting[granted[limit] :]:
                self.settle(person.contact_id, THROTTLED)
        if len(free) < len(people):
            self._account_lane.size = max(1, len(free))
        return free

    def there_is_room(self) -> None:
        self._room.set()

    # --- what the outbox calls

    @property
    def _may_go_in_bulk(self) -> bool:
        """In a later round each goes alone: a bulk call may have been refused because of another message in it."""
        return not self._lease.round and self._refusal is None and self._account_lane.transport.messages_per_call > 1

    def shared_part(self, person: Person) -> SharedPart | None:
        """What the person's message has in common with others, if it may go in a bulk call."""
        bulk_compiler = self._work.bulk_compiler(person) if self._may_go_in_bulk else None
        return None if bulk_compiler is None else bulk_compiler.shared_part

    def recipient_part(self, person: Person, latest: float) -> RecipientPart | None:
        """The person's part in a bulk call. None if the message has to go alone; any error is reported there."""
        bulk_compiler = self._work.bulk_compiler(person)
        if bulk_compiler is None:
            return None
        try:
            began = self._account_lane.begin_making()
            try:
                recipient_part = bulk_compiler.recipient_part(
                    person.contact_id, person.recipient, person.merge_values()
                )
            finally:
                self._account_lane.end_making(began)
        except (Exception, making.Interrupted):  # make() meets the same problem and reports it better
            return None
        recipient_part.latest = latest
        recipient_part.settle = self.settle
        return recipient_part

    def make(self, person: Person, latest: float) -> Outgoing | None:
        """The person's message. None if it can't be made; its outcome is settled then."""
        try:
            if self._refusal is not None or time.monotonic() > latest:
                outcome = NOT_IN_TIME
            else:
                outgoing = self._compose(person)
                outgoing.latest, outgoing.settle = latest, self.settle
                if outgoing.units != 1:
                    outgoing.settle = functools.partial(self._settle_units, outgoing.units)
                return outgoing
        except (TooCostly, making.Interrupted) as problem:
            outcome = self._costly(str(problem))
        except MergeError as problem:
            outcome = Outcome(Result.REFUSED, "render", str(problem)[:300])
        except BadAddress:
            outcome = Outcome(Result.REFUSED, "address")
        except Exception as problem:
            # One person's values must not stop the lane, nor leave the sub-batch in doubt: nothing was sent.
            log.exception("message %s/%s can't be made", self._lease.batch_id, person.contact_id)
            outcome = Outcome(Result.REFUSED, "render", type(problem).__name__)
        self.settle(person.contact_id, outcome)
        return None

    def _compose(self, person: Person) -> Outgoing:
        began = self._account_lane.begin_making()
        try:
            return self._work.compose(person)
        finally:
            self._account_lane.end_making(began)

    def _costly(self, detail: str) -> Outcome:
        """This message has failed. After some of them nobody else of the batch is tried, and it is held."""
        self._work.costly += 1
        if self._work.costly >= making.MAX_COSTLY:
            self._work.costly = 0
            self._refusal = self._refusal or Outcome(Result.SENDER, making.COSTLY)
        return Outcome(Result.REFUSED, making.COSTLY, detail[:300])

    def _settle_units(self, units: int, contact_id: int, outcome: Outcome) -> None:
        """Of a message that counts as several, unless the provider has counted itself."""
        self.settle(contact_id, outcome if outcome.units is not None else replace(outcome, units=units))

    def settle(self, contact_id: int, outcome: Outcome) -> None:
        if outcome.result is Result.LIMIT:
            outcome = self._limited(outcome)
        outcome = self._work.refusals.judge(outcome)
        if outcome.result in HOLDING:
            self._refusal = self._refusal or outcome
        self._results.append((contact_id, outcome))
        self._account_lane.count(outcome)
        if len(self._results) >= min(settings.SUB_BATCH, self._open):
            self._due.set()

    def _limited(self, outcome: Outcome) -> Outcome:
        """The account's limit is used up: everything waits until it is over, and no message loses a try."""
        outbox = self._account_lane.outbox
        if outbox.problem is None:
            outbox.give_up(AccountProblem(outcome.detail, limit=outcome.wait or SOON))
        return Outcome(Result.NOT_STARTED, "limit", outcome.detail)

    # --- recording outcomes

    async def _settle(self) -> None:
        """Record results, every 200 or every 100 ms, until everything that was handed out is settled."""
        while self.feeding or self._open:
            if not self._results or len(self._results) < min(settings.SUB_BATCH, self._open):
                await wait_for(self._due, SETTLE_SECONDS)
            if self._results:
                results, self._results = self._results, []
                await self._write(settling.settle, self._lease, results)
                self._open -= len(results)
                self._lane.settled(len(results))
                if any(outcome.result in (Result.REFUSED, Result.HARD) for _, outcome in results):
                    await self._write(recovering.hold_if_many_failed, self._lease)
            if self._refusal is not None and not self._is_held:
                self._is_held = True
                await self._hold(self._refusal)

    async def _hold(self, refusal: Outcome) -> None:
        """Pause the batch. If the account is refused, its other batches wait, too."""
        sentence = await self._write(self._work.hold, refusal)
        if refusal.result is Result.ACCOUNT and self._account_lane.outbox.problem is None:
            self._account_lane.outbox.give_up(AccountProblem(sentence))

    async def _write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in the database thread. The results exist nowhere else: if the database is away, wait for it
        as long as the lease may still be ours."""
        deadline, pause = time.monotonic() + settings.LEASE_SECONDS, 0.1
        while True:
            try:
                return await self._lane.in_db(function, *args, **kwargs)
            except DatabaseErrors:
                if time.monotonic() > deadline:
                    raise
                await self._lane.in_db(connections.close_all)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _end(self, why: Closed | str) -> None:
        lease, lane = self._lease, self._lane
        if why == "done":
            if refusal := self._work.refusals.pending_refusal():
                await self._hold(refusal)
            await lane.in_db(leases.finish, lease)
        elif why is Closed.CANCELLED:
            await lane.in_db(recovering.close_range, lease, Message.State.CANCELLED, "cancelled")
        elif why is Closed.EXPIRED:
            await lane.in_db(recovering.close_range, lease, Message.State.EXPIRED, "expired")
        elif why is not Closed.LOST:
            wait = PAUSE_WAIT if isinstance(why, Closed) else 0.0
            await lane.in_db(leases.release, lease, wait=wait)
            return
        await lane.in_db(recovering.finish_if_done, self._work.batch.pk)


class _SubBatch:
    """People who passed the gate together: none of their calls starts later than `latest` (time.monotonic())."""

    __slots__ = ("latest", "runner", "settle")

    def __init__(self, runner: LeaseRunner, latest: float):
        self.runner, self.latest, self.settle = runner, latest, runner.settle

    def shared_part(self, person: Person) -> SharedPart | None:
        return self.runner.shared_part(person)

    def recipient_part(self, person: Person) -> RecipientPart | None:
        return self.runner.recipient_part(person, self.latest)

    def make(self, person: Person) -> Outgoing | None:
        return self.runner.make(person, self.latest)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so many seconds. An event that was set before counts. Clears the event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
