"""A lane: one worker's event loop over leases. Many run at once, in any number of processes and machines.

A lane works on several provider accounts at a time, each with an account lane of its own, so that a slow account does
not hold up another. For each account it feeds one lease at a time. The database is used by one thread beside the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import gc
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import uvloop
from django.conf import settings
from django.db import Error as DatabaseErrors
from django.db import connections

from accounts import language
from contacts.identity import merge_values
from contacts.models import Contact
from delivery import batching, registry, send_rules
from delivery.channels.base import Outbox, Outcome, Outgoing, Result
from delivery.channels.channel import BulkCompiler, Channel, Composer, Content
from delivery.models import Batch, ProviderAccount, Tally
from delivery.sending import (
    circuit_breakers,
    lane_owners,
    leases,
    limits,
    making,
    restore_guard,
    sender_refusals,
    unready,
)
from delivery.sending.gate import Person
from delivery.sending.lease_runner import SUB_BATCH_SECONDS, LeaseRunner, wait_for
from delivery.sending.sender_refusals import SenderRefusals
from delivery.sending.settling import REFUSALS
from kernel import lifeline
from kernel.tenancy import across_workspaces

log = logging.getLogger("fanfare.delivery")

P = ParamSpec("P")
T = TypeVar("T")

ACCOUNTS_AT_ONCE = 8
IDLE_POLL = 0.2  # seconds
# Seconds for which a thread keeps the interpreter lock while the other waits for it. With Python's default of 5 ms, the
# loop would delay each answer of the database by that long.
SWITCH_INTERVAL = 0.0005


def run(*, budget: float | None = None) -> bool:
    """Work until nothing is due (returns False), or the budget in seconds is used up (returns True)."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    _freeze_what_is_loaded()
    try:
        with making.interruptible(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(Lane(budget or settings.LANE_SECONDS).run())
    finally:
        sys.setswitchinterval(usual)


@functools.cache
def _freeze_what_is_loaded() -> None:
    """Keep the garbage collector from searching what Django loaded, which took a twentieth of the time. Once per
    process, because frozen objects are never freed."""
    gc.collect()
    gc.freeze()


class Body:
    """One of the bodies of a batch's content, compiled once."""

    def __init__(self, channel: Channel, batch: Batch, prepared: Callable[[], Content], language: str):
        self._channel, self._batch, self._prepared, self._language = channel, batch, prepared, language
        self._composer: Composer | None = None
        self._broken: Exception | None = None
        self._bulk_compiler: BulkCompiler | None = None
        self._was_compiled = False

    def composer(self) -> Composer:
        """Raises MergeError for broken content."""
        if self._broken is not None:
            raise self._broken.with_traceback(None)
        if self._composer is None:
            batch, purposes = self._batch, Batch.Purpose
            try:
                self._composer = self._channel.composer(
                    batch.workspace_id,
                    batch.pk,
                    self._channel.in_language(self._prepared(), self._language),
                    unsubscribable=batch.purpose != purposes.SERVICE,
                    is_test=batch.purpose == purposes.TEST,
                )
            except Exception as problem:  # remembered: trying again would cost as much for each message
                self._broken = problem
                raise
        return self._composer

    def bulk_compiler(self) -> BulkCompiler | None:
        """None where the messages can't go in bulk calls, or only few of them can."""
        if not self._was_compiled:
            self._was_compiled = True
            with contextlib.suppress(Exception):  # compose() reports what is wrong with the content, for each message
                self._bulk_compiler = self._channel.bulk_compiler(self.composer())
        return self._bulk_compiler if self._bulk_compiler is not None and self._bulk_compiler.is_worthwhile else None


class BatchWork:
    """A batch as a lane sees it."""

    def __init__(self, batch_id: int):
        with across_workspaces("a lane works for every workspace that has work; each statement names the batch"):
            self.batch = Batch.objects.select_related("account", "topic", "content").get(pk=batch_id)
            self.channel = registry.channel(self.batch.channel)
            self.content = self.channel.read(self.batch)
            self.rules = send_rules.params(self.batch)
            self._test_values = self._values_of_test() if self.batch.purpose == Batch.Purpose.TEST else None
            self.limits = limits.of_batch(self.batch)
            self.mailbox_limits = limits.of_mailboxes(self.batch.account)
            counts = dict(Tally.objects.filter(batch_id=batch_id, reason="").values_list("fact", "n"))
            costly = Tally.objects.filter(batch_id=batch_id, fact="failed", reason=making.COSTLY)
            # Messages that took too long to make, since it was held for that. Each lane alone may meet only a few.
            self.costly = (costly.values_list("n", flat=True).first() or 0) % making.MAX_COSTLY
        self.account = self.batch.account
        self.refusals = SenderRefusals(
            Batch.Purpose(self.batch.purpose), accepted=counts.get("accepted", 0), refused=counts.get(REFUSALS, 0)
        )
        self._bodies: dict[str, Body] = {}
        self._prepared_content: Content | None = None

    def is_current(self) -> bool:
        """False if the batch was given another sender since: nothing else of it can change."""
        names = list(self.channel.identity)
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                # A batch of an older release lacks what came later.
                "SELECT ARRAY(SELECT coalesce(parameters->>name, '') FROM unnest(%s::text[]) "
                "WITH ORDINALITY AS u(name, n) ORDER BY n) FROM delivery_batch WHERE id = %s",
                [names, self.batch.pk],
            )
            return cursor.fetchone() == ([getattr(self.content, name) for name in names],)

    def _values_of_test(self) -> dict:
        """The values of the chosen contact; else of the tester's own contact; else of the invented one."""
        content = self.content
        people = Contact.objects.filter(workspace_id=self.batch.workspace_id, deleted_at=None)
        address = self.channel.address_column
        chosen = {"pk": content.as_contact} if content.as_contact else {address: content.to.lower()}
        found = people.filter(**chosen).first()
        return found.merge_values() if found else {**merge_values.EXAMPLE, address: content.to}

    def compose(self, person: Person) -> Outgoing:
        """Raises MergeError, BadAddress."""
        values = self._test_values if self._test_values is not None else person.merge_values()
        return self._body_of(person).composer().compose(person.contact_id, person.recipient, values)

    def prepare(self) -> None:
        """Compile the content. Called beside the event loop, because a large one takes half a second."""
        for code in ("", *self.channel.languages(self.content)):
            with contextlib.suppress(Exception):  # compose() reports it, for each message
                self._body(code).composer()

    def _body_of(self, person: Person) -> Body:
        return self._body(person.body_language or "")

    def _body(self, code: str) -> Body:
        """The body in the language with this code; "" is the one for everybody else."""
        if code not in self._bodies:
            self._bodies[code] = Body(self.channel, self.batch, self._prepared, code)
        return self._bodies[code]

    def _prepared(self) -> Content:
        """The content of all bodies with its links numbered, made once."""
        if self._prepared_content is None:
            self._prepared_content = self.content.prepared(is_tracked=self.batch.is_tracked)
        return self._prepared_content

    def bulk_compiler(self, person: Person) -> BulkCompiler | None:
        """For the body that the person gets. None where it can't go in bulk calls; and for service mails and tests,
        which are batches of one."""
        return self._body_of(person).bulk_compiler() if self.may_go_in_bulk else None

    @property
    def may_go_in_bulk(self) -> bool:
        return self.batch.purpose == Batch.Purpose.MARKETING

    def has_bulk_compiler(self) -> bool:
        """Whether messages in at least one language can go in bulk calls."""
        codes = ["", *self.channel.languages(self.content)] if self.may_go_in_bulk else []
        return any(self._body(code).bulk_compiler() is not None for code in codes)

    def hold(self, refusal: Outcome) -> str:
        """Pause the batch until a person has fixed what the provider complains about, or until messages that take too
        long to make are given up. Returns the sentence for them."""
        with language.of_workspace(self.batch.workspace_id):
            if refusal.reason == making.COSTLY:
                sentence = making.sentence()
            else:
                sentence = sender_refusals.sentence(self.channel.sender_text(self.content), self.account.name, refusal)
            batching.hold(self.batch.pk, sentence)
        return sentence


class AccountLane:
    """The way to one account's provider: its outbox, its transport, and how much it can take."""

    def __init__(self, account: ProviderAccount):
        self.account = account
        self.outbox = Outbox()
        self.transport = account.kind.transport(account, self.outbox)
        self.size = self.transport.width
        self.runner: LeaseRunner | None = None
        self._began, self._done = time.monotonic(), 0
        self._pace = making.Pace()
        self.worked = False

    @property
    def is_fed(self) -> bool:
        return self.runner is not None and self.runner.feeding

    @property
    def is_busy(self) -> bool:
        return self.runner is not None and not self.runner.is_over

    def sub_batch_size(self, *, bulk: bool) -> int:
        """How many people may pass the gate at once."""
        if not bulk:
            return self.size
        return max(self.size, min(self.transport.width * self.transport.messages_per_call, settings.SUB_BATCH))

    def begin_making(self) -> float:
        """A message is made from now on: it is interrupted if that takes far too long. Returns when it began, in CPU
        seconds of this thread: on a busy machine, ordinary messages are not dear."""
        making.watch.number += 1
        making.watch.is_making = True
        return time.thread_time()

    def end_making(self, began: float) -> None:
        """The message is made, or can't be. A dear one is paid for by a rest."""
        making.watch.is_making = False
        rest = self._pace.rest_after(time.thread_time() - began)
        if rest:
            self.outbox.rest(rest)

    def count(self, outcome: Outcome) -> None:
        """Adapt the size of sub-batches to what the transport takes in a tenth of a second."""
        if outcome.result is not Result.NOT_STARTED:
            self.worked = True
        self._done += 1
        if self._done >= self.size:
            took = max(time.monotonic() - self._began, 0.001)
            fits = int(self._done / took * SUB_BATCH_SECONDS)
            self.size = max(self.transport.width, min(settings.SUB_BATCH, fits, self.size * 2))
            self.size = min(self.size, settings.SUB_BATCH)
            self._began, self._done = time.monotonic(), 0


class Lane:
    def __init__(self, budget: float):
        self._deadline = time.monotonic() + budget
        self._worker = lane_owners.name_of_this_process()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lane-db")
        self._context = contextvars.copy_context()
        self._account_lanes: dict[int, AccountLane] = {}
        self._works: dict[int, BatchWork] = {}
        self._runners: set[asyncio.Task] = set()
        self._closings: set[asyncio.Task] = set()
        self._awake = asyncio.Event()
        self.in_doubt = 0  # messages past the gate and not settled, over all account lanes

    async def run(self) -> bool:
        try:
            return await self._run()
        finally:
            await asyncio.gather(*self._runners, return_exceptions=True)
            for lane in list(self._account_lanes.values()):
                await self._close_account_lane(lane)
            await asyncio.gather(*self._closings, return_exceptions=True)
            await self.in_db(connections.close_all)
            self._thread.shutdown(wait=False)

    async def _run(self) -> bool:
        if not await self.in_db(restore_guard.may_send):
            return False
        while not self.is_over():
            for lane in self._superfluous_account_lanes():
                await self._close_account_lane(lane)
            busy = [account_id for account_id, lane in self._account_lanes.items() if lane.is_fed]
            lease = None
            if len(busy) < ACCOUNTS_AT_ONCE:
                lease = await self.in_db(leases.claim, self._worker, busy)
            if lease is not None:
                await self._start(lease)
            elif not self._runners:
                return False
            else:
                await self._sleep(IDLE_POLL)
        return True

    async def _start(self, lease: leases.HeldLease) -> None:
        try:
            work, lane = await self._open(lease)
        except DatabaseErrors:
            raise
        except Exception as problem:  # of one batch or account: the lane goes on with the others
            await self.in_db(unready.set_aside, lease, problem)
            return
        runner = lane.runner = LeaseRunner(self, lane, work, lease)
        task = asyncio.create_task(runner.run())
        self._runners.add(task)
        task.add_done_callback(self._ended)

    async def _open(self, lease: leases.HeldLease) -> tuple[BatchWork, AccountLane]:
        """Raises Undecryptable, and whatever a batch that can't be read raises."""
        work = self._works.get(lease.batch_id)
        if work is None or not await self.in_db(work.is_current):
            if len(self._works) > 50:
                self._works.clear()
            work = self._works[lease.batch_id] = await self.in_db(BatchWork, lease.batch_id)
            await asyncio.to_thread(work.prepare)
        lane = self._account_lanes.get(work.account.pk)
        if lane is None:
            lane = self._account_lanes[work.account.pk] = AccountLane(work.account)
        return work, lane

    def _ended(self, task: asyncio.Task) -> None:
        self._runners.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The lease expires and is recovered; what was handed out and not settled is then listed as unknown.
            log.error("a lease was left to recovery", exc_info=task.exception())
        self.wake()

    def _superfluous_account_lanes(self) -> list[AccountLane]:
        """Account lanes whose account can't send, and the idle ones if there are too many."""
        idle = [lane for lane in self._account_lanes.values() if not lane.is_busy]
        broken = [lane for lane in self._account_lanes.values() if lane.outbox.problem is not None and not lane.is_fed]
        return broken + (idle if len(self._account_lanes) > 2 * ACCOUNTS_AT_ONCE else [])

    async def _close_account_lane(self, lane: AccountLane) -> None:
        if self._account_lanes.pop(lane.account.pk, None) is None:
            return
        problem = lane.outbox.problem
        if problem is not None:
            await self.in_db(circuit_breakers.open_circuit, lane.account.pk, problem)
        elif lane.worked:
            await self.in_db(circuit_breakers.close_circuit, lane.account)
        if lane.transport.offers is not None:
            await self.in_db(circuit_breakers.record_offers, lane.account, lane.transport.offers)
        task = asyncio.create_task(lane.transport.close())
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)

    # --- what lease runners call

    def is_over(self) -> bool:
        return time.monotonic() > self._deadline or lifeline.is_ending()

    async def in_db(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function in the thread that has the database connection."""
        call = functools.partial(self._context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def wake(self) -> None:
        self._awake.set()

    def settled(self, n: int) -> None:
        """`n` messages are no longer in doubt: lease runners that wait for room may go on."""
        self.in_doubt -= n
        for lane in self._account_lanes.values():
            if lane.runner is not None:
                lane.runner.there_is_room()

    async def _sleep(self, seconds: float) -> None:
        await wait_for(self._awake, seconds)
