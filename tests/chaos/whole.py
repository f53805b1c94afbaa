"""The whole product under attack, as it is shipped: gunicorn, `manage.py worker` with all its processes, PostgreSQL.

Any of them is killed at random, also the watchdog, a sentinel, a monitor, a pusher or the postmaster. The harness does
what systemd does: it starts again what it started itself, and nothing else. The campaign has to end without any help,
with no message lost or doubled and no long silence.
"""

from __future__ import annotations

import itertools
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.db import connections

from delivery.models import Batch
from tests.chaos import doubt, oracle, trying

ROOT = Path(__file__).resolve().parents[2]
MARK = "FANFARE_CHAOS"  # in the environment of every process of the product
BETWEEN_KILLS = (6.0, 14.0)  # seconds
RESTART_AFTER = 1.0  # seconds, as in the systemd units
LONGEST_SILENCE = 20.0  # seconds


@dataclass
class WholeAttack:
    messages: int
    kills: int
    lost: float
    restart: Callable[[], None]  # starts PostgreSQL
    postmaster: Callable[[], int]  # its process id
    seconds: float
    latency: float = field(init=False)
    soft: float = 0.0  # refusals would make silences of their own: they are tried again after a minute

    def __post_init__(self) -> None:
        """The server is slow enough that there is something to send until the last kill."""
        needed = self.kills * sum(BETWEEN_KILLS) / 2 + 10
        self.latency = min(0.5, needed * 2 * 10 / self.messages)  # two lanes of ten connections


@dataclass
class WholeVerdict:
    promises: oracle.Verdict
    silence: float
    silences: list[str]  # the longest ones, and what was killed before them
    kills: Counter
    web_errors: int

    @property
    def holds(self) -> bool:
        return self.promises.holds and self.silence <= LONGEST_SILENCE

    def __str__(self) -> str:
        return f"{self.promises} longest silence={self.silence:.1f} s of at most {LONGEST_SILENCE:.0f}"


class Service:
    """A command that is started again when it ends, until it is stopped."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path):
        self._command, self._environment, self._log = command, environment, log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_running)
        self._thread.start()

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            with self._log.open("a") as log:
                self._process = subprocess.Popen(
                    self._command, env=self._environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                )
                self._process.wait()
            self._stopping.wait(RESTART_AFTER)

    def stop(self) -> None:
        self._stopping.set()
        with suppress(ProcessLookupError):
            self._process.terminate()
        self._thread.join()


class Machine:
    """The product's processes on this machine."""

    def __init__(self, log: Path):
        self._mark = secrets.token_hex(8)
        self.port = _free_port()
        environment = os.environ | {MARK: self._mark, "LOG_LEVEL": "WARNING", "LANES": "2"}
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "config.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        gunicorn += ["--workers", "2", "--threads", "8", "--no-control-socket", "--log-level", "warning"]
        worker = [sys.executable, str(ROOT / "manage.py"), "worker"]
        self._services = [Service(command, environment, log) for command in (gunicorn, worker)]

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def describe(self, process: psutil.Process) -> str:
        """Its role, for the report."""
        if "gunicorn" in " ".join(process.cmdline()):
            return "gunicorn"
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
        return name if " " in name else "watchdog"

    def stop(self) -> list[str]:
        """Stop everything in order. Returns the roles of processes that are still there after the grace."""
        for service in self._services:
            service.stop()
        deadline = time.monotonic() + 40
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        roles = []
        for process in left:
            with suppress(psutil.Error):
                roles.append(self.describe(process))
                process.kill()
        return roles


class WholeHarness:
    def __init__(self, attack: WholeAttack, batches: list[Batch], log: Path, product_log: Path):
        self.attack, self.batches, self.log, self.product_log = attack, batches, log, product_log
        self._in_doubt = 0
        self._kills: list[tuple[float, str]] = []  # time.time(), role
        self._away: list[tuple[float, float]] = []  # when PostgreSQL was not there
        self._web_errors = 0

    def run(self) -> WholeVerdict:
        machine = Machine(self.product_log)
        began = time.time()
        try:
            self._wait_for_arrivals(began)
            for _ in range(self.attack.kills):
                time.sleep(random.uniform(*BETWEEN_KILLS))
                self._kill_one(machine)
                self._look_at_the_web(machine)
            self._let_it_end()
        finally:
            left = machine.stop()
        if left:
            raise SystemExit(f"Still running after the end: {', '.join(left)}")
        promises = oracle.judge(
            self.batches,
            self.log,
            unknown_bound=self._in_doubt + int(self.attack.messages * self.attack.lost * 1.5 * 1.5 + 20),
            kills=[],
            opt_outs={},
            slack=0.0,
        )
        silences = sorted(self._silences(), reverse=True)
        return WholeVerdict(
            promises,
            silences[0][0] if silences else time.time() - began,
            [f"{seconds:.1f} s after {', '.join(roles) or 'nothing'}" for seconds, roles in silences[:5]],
            Counter(role for _, role in self._kills),
            self._web_errors,
        )

    def _silences(self) -> Iterator[tuple[float, list[str]]]:
        """Seconds between one accepted message and the next, without the time in which there was no PostgreSQL, and
        what was killed in the 10 s before and during that time."""
        times = sorted(float(line.split()[1]) for line in self.log.read_text().splitlines())
        for earlier, later in itertools.pairwise(times):
            away = sum(max(0.0, min(later, back) - max(earlier, gone)) for gone, back in self._away)
            yield later - earlier - away, [role for at, role in self._kills if earlier - 10 < at < later]

    def _wait_for_arrivals(self, began: float) -> None:
        while self.log.stat().st_size == 0:
            if time.time() - began > 90:
                raise SystemExit("Nothing arrived within 90 s of the start.")
            time.sleep(0.2)

    def _kill_one(self, machine: Machine) -> None:
        """Kill one process. The roles are equally likely, however many processes have one."""
        by_role: dict[str, list[int]] = {"postmaster": [self.attack.postmaster()]}
        for process in machine.processes():
            with suppress(psutil.Error):
                by_role.setdefault(machine.describe(process), []).append(process.pid)
        role = random.choice([*by_role, *(role for role in by_role if role.startswith("bulk"))])
        pid = random.choice(by_role[role])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        killed = time.time()
        self._kills.append((killed, role))
        if role == "postmaster":
            connections.close_all()
            time.sleep(RESTART_AFTER)
            self.attack.restart()
            trying.until_it_works(connections["owner"].ensure_connection)
            self._away.append((killed, time.time()))
            self._in_doubt += doubt.of_everybody()
        else:
            self._in_doubt += doubt.of_processes([pid])

    def _look_at_the_web(self, machine: Machine) -> None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{machine.port}/healthz", timeout=10):
                pass
        except (urllib.error.URLError, OSError):
            self._web_errors += 1

    def _let_it_end(self) -> None:
        deadline = time.monotonic() + self.attack.seconds
        while not trying.once(self._is_over):
            if time.monotonic() > deadline:
                raise SystemExit(f"The campaign did not end within {self.attack.seconds:.0f} s, without help.")
            time.sleep(0.3)
        time.sleep(1.0)  # until what is still on the wire has reached the server's log

    def _is_over(self) -> bool:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT bool_and(finished_at IS NOT NULL) FROM delivery_batch WHERE id = ANY(%s)",
                [[batch.pk for batch in self.batches]],
            )
            return cursor.fetchone()[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
