"""A lane: one worker's loop over leases. Many run at once, in any number of processes and machines."""

from __future__ import annotations

import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from django.conf import settings
from django.db import connections

from contacts.addresses import BadAddress
from contacts.models import Contact
from delivery.channels.base import AccountProblem, Connection, Outcome, Outgoing, Result
from delivery.composing import Composer, Content
from delivery.events import BatchFinished
from delivery.models import Batch, Message
from delivery.sending import leases, recovering, settling
from delivery.sending.gate import Closed, Person, pass_gate
from kernel.events import publish
from kernel.tenancy import across_workspaces, scope
from templates_app.merging import MergeError

log = logging.getLogger("fanfare.delivery")

START_WITHIN = 0.9  # seconds after the gate: a call that has not started by then goes back, so that kill holds
STRETCH_SECONDS = 0.1  # a sub-batch is what the connections use up in this time
PAUSE_WAIT = 3.0


def run(*, budget: float | None = None) -> bool:
    """Work until nothing is due (False) or the budget in seconds is used up (True: there may be more)."""
    deadline = time.monotonic() + (budget or settings.LANE_SECONDS)
    worker = f"{socket.gethostname()}:{os.getpid()}"[:80]
    work: Work | None = None
    try:
        while time.monotonic() < deadline:
            lease = leases.claim(worker)
            if lease is None:
                return False
            if work is None or work.batch.pk != lease.batch_id:
                if work is not None:
                    work.close()
                work = Work(lease.batch_id)
            work.take(lease, deadline)
        return True
    finally:
        if work is not None:
            work.close()


class Work:
    """A batch as a lane sees it: its compiled content and the open connections to its provider."""

    def __init__(self, batch_id: int):
        with across_workspaces("a lane works for whichever workspace has work; each statement names the batch"):
            self.batch = Batch.objects.select_related("account").get(pk=batch_id)
            self.content = Content(**self.batch.content)
            self.test = self.batch.purpose == Batch.Purpose.TEST
            self.as_contact = self._as_contact()
        self.account = self.batch.account
        self.provider = self.account.kind
        self.size = self.provider.connections
        self._composer: Composer | None = None
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._threads = ThreadPoolExecutor(self.provider.connections) if self.provider.connections > 1 else None

    def _as_contact(self) -> dict | None:
        if not self.content.as_contact:
            return None
        found = Contact.objects.filter(workspace_id=self.batch.workspace_id, pk=self.content.as_contact).first()
        return found.merge_values() if found else None

    def take(self, lease: leases.Held, deadline: float) -> None:
        """Send what is in the lease, or as much as the time and the gate allow."""
        while time.monotonic() < deadline:
            people = pass_gate(lease, channel=self.batch.channel, test=self.test, size=self.size)
            if isinstance(people, Closed):
                self._closed(lease, people)
                return
            if not self._send(lease, people):
                return
            if lease.handed >= lease.high:
                leases.finish(lease)
                self._end()
                return
        leases.release(lease, wait=0)

    def _closed(self, lease: leases.Held, why: Closed) -> None:
        if why is Closed.CANCELLED:
            recovering.close_range(lease, Message.State.CANCELLED, "cancelled")
        elif why is Closed.EXPIRED:
            recovering.close_range(lease, Message.State.EXPIRED, "expired")
        elif why is not Closed.LOST:
            leases.release(lease, wait=PAUSE_WAIT)
            return
        self._end()

    def _end(self) -> None:
        workspace_id = recovering.finish_if_done(self.batch.pk)
        if workspace_id is not None:
            with scope(workspace_id):
                publish(BatchFinished(batch_id=self.batch.pk))

    def _send(self, lease: leases.Held, people: list[Person]) -> bool:
        """Compose, call, settle one stretch. False where the account can't send and the lease was given back."""
        started = time.monotonic()
        try:
            outcomes, problem = self._call_all(people, started)
        except MergeError as broken:
            outcomes, problem = (
                [(p.contact_id, Outcome(Result.REFUSED, "render", str(broken)[:300])) for p in people],
                "",
            )
        settling.settle(lease, outcomes)
        if problem:
            _open_circuit(self.account.pk, problem)
            leases.release(lease, wait=5)
            # Those given back wait in the next round; the range is finished here once all of it was handed.
            return False
        if people:
            _close_circuit(self.account)
            took = max(time.monotonic() - started, 0.001)
            per_second = len(people) / took
            self.size = int(min(settings.SUB_BATCH, max(self.provider.connections, per_second * STRETCH_SECONDS)))
        return True

    def _call_all(self, people: list[Person], started: float) -> tuple[list[tuple[int, Outcome]], str]:
        """Every person's outcome, and the account's problem if it has one."""
        if self._composer is None:
            self._composer = Composer(
                self.batch.workspace_id, self.batch.pk, self.content, unsubscribable=not self.test
            )
        latest = started + START_WITHIN
        if self._threads is None:
            outcomes = [self._call(person, latest) for person in people]
        else:
            outcomes = list(self._threads.map(lambda person: self._call(person, latest), people))
        problems = [outcome.detail for _, outcome in outcomes if outcome.reason == "account"]
        return outcomes, problems[0] if problems else ""

    def _call(self, person: Person, latest: float) -> tuple[int, Outcome]:
        try:
            outgoing = self._composer.compose(person.contact_id, person.email, self.as_contact or person.merge_values())
        except MergeError as problem:
            return person.contact_id, Outcome(Result.REFUSED, "render", str(problem)[:300])
        except BadAddress:
            return person.contact_id, Outcome(Result.REFUSED, "address")
        except Exception as problem:
            # One person's values must not stop the lane, nor cost the stretch its certainty: nothing was sent.
            log.exception("message %s/%s can't be made", self.batch.pk, person.contact_id)
            return person.contact_id, Outcome(Result.REFUSED, "render", type(problem).__name__)
        if time.monotonic() > latest:
            return person.contact_id, Outcome(Result.NOT_STARTED, "not_started")
        try:
            return person.contact_id, self._over_a_connection(outgoing)
        except AccountProblem as problem:
            return person.contact_id, Outcome(Result.NOT_STARTED, "account", str(problem)[:300])
        except Exception as problem:
            log.exception("message %s/%s: what came of it is not known", self.batch.pk, person.contact_id)
            return person.contact_id, Outcome(Result.UNKNOWN, "lost_reply", type(problem).__name__)

    def _over_a_connection(self, outgoing: Outgoing) -> Outcome:
        """Raises AccountProblem."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self.provider.connect(self.account, self.batch)
        try:
            return connection.send(outgoing)
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get_nowait().close()


def _open_circuit(account_id: int, problem: str) -> None:
    """No lane takes this account's work for a while: 15 s, doubling to 5 min. It costs no message a try."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_provideraccount SET failures = failures + 1, last_problem = %s, retry_at = now() + "
            "make_interval(secs => least(300, 15 * 2 ^ least(failures, 5))) WHERE id = %s",
            [problem[:300], account_id],
        )
    log.warning("provider account %s can't send", account_id)


def _close_circuit(account) -> None:
    if account.failures or account.last_problem:
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_provideraccount SET failures = 0, last_problem = '', retry_at = NULL WHERE id = %s",
                [account.pk],
            )
        account.failures, account.last_problem = 0, ""
