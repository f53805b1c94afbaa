"""The attack: workers are killed and frozen, PostgreSQL is restarted, the server is faulty, people unsubscribe, staff
use the kill switch and pause, all while two schedulers run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connections
from django.utils import timezone

from contacts.consent import ledger
from contacts.models import Consent, Contact
from delivery import batching
from delivery.models import Batch, Control, Lease, Message
from kernel.tenancy import scope
from tests.chaos import doubt, oracle, trying
from tests.chaos.workers import LEASE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
BETWEEN_KILLS = (0.05, 0.35)
SWITCHED_FOR, PAUSED_FOR = 2.2, 0.3
CONNECTIONS = 10


@dataclass
class Attack:
    messages: int = 10_000
    kills: int = 20
    lanes: int = 3
    restarts: int = 0
    freezes: int = 2
    switches: int = 2  # of the kill switch
    pauses: int = 2
    opt_outs: int = 200
    soft: float = 0.01
    lost: float = 0.004
    mutant: str | None = None
    seconds: float = 600.0
    restart: Callable[[], None] | None = None  # of PostgreSQL

    @property
    def latency(self) -> float:
        """Seconds until the server answers a body: enough that there is something to send until the last kill."""
        events = self.freezes * (LEASE_SECONDS + 0.5) + self.switches * SWITCHED_FOR + self.pauses * PAUSED_FOR
        needed = self.kills * sum(BETWEEN_KILLS) / 2 + events + 1
        return min(0.2, needed * self.lanes * CONNECTIONS / self.messages)

    @property
    def lost_replies(self) -> int:
        """How many replies the server may lose, at most."""
        return int(self.messages * self.lost * 1.5 * 1.5 + 20)


class MachineDelays:
    """Measures how long, at worst, a process that is due waits for the CPU: on a busy machine, seconds."""

    worst = 0.0

    def __enter__(self) -> MachineDelays:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._measure)
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self._is_over.set()
        self._thread.join()

    def _measure(self) -> None:
        wait, began = 0.02, time.monotonic()
        while not self._is_over.wait(wait):
            self.worst = max(self.worst, time.monotonic() - began - wait)
            began = time.monotonic()


class Harness:
    def __init__(self, attack: Attack, batches: list[Batch], port_to_log: Path):
        self.attack, self.batches, self.log = attack, batches, port_to_log
        self.ids = [batch.pk for batch in batches]
        self.opt_outs: dict[str, float] = {}
        self.switched: list[tuple[float, float]] = []
        self._in_doubt = 0  # messages that a death, a freeze or a restart left open

    def run(self) -> oracle.Verdict:
        with self._workers() as spawn, MachineDelays() as delays:
            self._spawn = spawn
            self._lanes = [spawn("lane") for _ in range(self.attack.lanes)]
            self._ticks = [spawn("tick") for _ in range(2)]
            self._attack()
            self._let_it_end()
        # A message is logged late if the worker waits for the CPU between its check and its write, and then the server.
        slack = oracle.SLACK + (0.0 if self.attack.mutant else 2 * delays.worst)
        return oracle.judge(
            self.batches,
            self.log,
            unknown_bound=self._in_doubt + self.attack.lost_replies,
            kills=self.switched,
            opt_outs=self.opt_outs,
            slack=slack,
        )

    @contextmanager
    def _workers(self):
        command = [sys.executable, "-m", "tests.chaos.workers", *filter(None, [self.attack.mutant])]
        nursery = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ
        )
        pids: list[int] = []

        def spawn(kind: str) -> int:
            nursery.stdin.write(kind + "\n")
            nursery.stdin.flush()
            pids.append(int(nursery.stdout.readline()))
            return pids[-1]

        try:
            nursery.stdout.readline()
            yield spawn
        finally:
            nursery.kill()
            nursery.wait()
            for pid in pids:
                _signal(pid, signal.SIGKILL)

    # --- the attack

    def _attack(self) -> None:
        attack = self.attack
        actions = [self._kill_a_lane] * attack.kills
        events = [self._freeze_a_lane] * attack.freezes + [self._pull_the_switch] * attack.switches
        events += [self._pause] * attack.pauses + [self._restart_the_database] * attack.restarts
        random.shuffle(events)
        for n, event in enumerate(events):
            actions.insert(1 + (n + 1) * len(actions) // (len(events) + 1), event)
        opt_outs_each = -(-attack.opt_outs // max(1, len(actions)))
        for action in actions:
            time.sleep(random.uniform(*BETWEEN_KILLS))
            trying.once(action)
            for _ in range(opt_outs_each):
                trying.once(self._opt_out)

    def _kill_a_lane(self) -> None:
        n = random.randrange(len(self._lanes))
        _signal(self._lanes[n], signal.SIGKILL)
        self._in_doubt += doubt.of_processes([self._lanes[n]])
        self._lanes[n] = self._spawn("lane")

    def _freeze_a_lane(self) -> None:
        """Stop a worker for longer than its lease: when it continues, it is a zombie."""
        pid = random.choice(self._lanes)
        _signal(pid, signal.SIGSTOP)
        self._in_doubt += doubt.of_processes([pid])
        for _ in range(40):  # what it has handed out by now must not leave when it continues
            trying.once(self._opt_out)
        time.sleep(LEASE_SECONDS + random.uniform(0.1, 1.0))
        _signal(pid, signal.SIGCONT)

    def _pull_the_switch(self) -> None:
        control = Control.objects.create(kind="all", reason="chaos")
        begun = time.time()
        time.sleep(SWITCHED_FOR)
        self.switched.append((begun, time.time()))
        Control.objects.filter(pk=control.pk).update(lifted_at=timezone.now())

    def _pause(self) -> None:
        batch = random.choice(self.batches)
        with scope(batch.workspace_id):
            batching.pause(batch)
        time.sleep(PAUSED_FOR)
        with scope(batch.workspace_id):
            batching.resume(batch)

    def _restart_the_database(self) -> None:
        connections.close_all()
        self.attack.restart()
        self._in_doubt += doubt.of_everybody()

    def _opt_out(self) -> None:
        """Unsubscribe somebody whose message is still open, most likely one in flight at this moment."""
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "SELECT m.contact_id FROM delivery_lease l JOIN delivery_message m ON m.batch_id = l.batch_id "
                "AND m.contact_id > l.handed - 40 AND m.contact_id <= l.handed + 40 AND m.state = %s "
                "WHERE l.batch_id = ANY(%s) AND l.state = %s ORDER BY random() LIMIT 1",
                [int(Message.State.QUEUED), self.ids, int(Lease.State.TAKEN)],
            )
            row = cursor.fetchone()
        if row is None:
            return
        with scope(self.batches[0].workspace_id):
            person = Contact.objects.get(pk=row[0])
            ledger.withdraw(person, source=Consent.Source.ONE_CLICK)
        self.opt_outs.setdefault(person.email, time.time())

    # --- the end

    def _let_it_end(self) -> None:
        deadline = time.monotonic() + self.attack.seconds
        while not trying.once(self._is_over):
            if time.monotonic() > deadline:
                raise SystemExit(f"The campaign did not end within {self.attack.seconds:.0f} s.")
            time.sleep(0.3)
        time.sleep(1.0)  # until what is still on the wire has reached the server's log

    def _is_over(self) -> bool:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_lease SET not_before = now() WHERE batch_id = ANY(%s) AND state = %s",
                [self.ids, int(Lease.State.FREE)],
            )
            cursor.execute("UPDATE delivery_provideraccount SET retry_at = NULL")
            cursor.execute(
                "SELECT bool_and(finished_at IS NOT NULL) FROM delivery_batch WHERE id = ANY(%s)", [self.ids]
            )
            return cursor.fetchone()[0]


@contextmanager
def faulty_server(attack: Attack):
    """Run the server. Yields (port, path of its log)."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        log.touch()
        numbers = [str(number) for number in (attack.latency, attack.soft, attack.lost)]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.sink", str(log), *numbers],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        try:
            yield int(process.stdout.readline()), log
        finally:
            process.kill()
            process.wait()


def _signal(pid: int, which: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, which)
