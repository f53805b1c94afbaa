"""`manage.py worker`, whose processes are killed one after the other: the work goes on, without help."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone
from django_q.models import OrmQ

from campaigns import sending
from delivery import batching
from delivery.models import Batch, Lease
from delivery.sending import lane_owners, leases, recovering
from kernel.models import JobClaim
from kernel.tenancy import scope
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
LONG = 90  # seconds: on a busy machine everything takes long


@dataclass
class Worker:
    """A running `manage.py worker`."""

    process: subprocess.Popen
    port: int
    log: Path

    def processes(self, role: str = "") -> list[psutil.Process]:
        """Its processes, or those of one role such as "bulk monitor". Linux only."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            name = Path(f"/proc/{process.pid}/comm")
            if name.exists() and name.read_text().startswith(role):
                found.append(process)
        return found

    def kill_one(self, role: str) -> None:
        process = until(lambda: self.processes(role), role)[0]
        process.kill()

    def health(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)
        except OSError:
            return 0, {}

    def is_answering(self) -> bool:
        """All queues have answered a question."""
        status, told = self.health()
        return status == 200 and all(age is not None for age in told["last_answer_seconds"].values())


def until(question: Callable, what: str, seconds: float = LONG):
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.1)
    return answer


@pytest.fixture
def worker(db, tmp_path) -> Iterator[Worker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"WORKER_HEALTH_ADDRESS": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING"}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "worker"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    worker = Worker(process, port, tmp_path / "log")
    try:
        until(worker.is_answering, "the worker")
        yield worker
    finally:
        everybody = [*worker.processes(), psutil.Process(process.pid)] if process.poll() is None else []
        process.terminate()
        try:
            process.wait(40)
        finally:
            for left in everybody:
                if left.is_running():
                    left.kill()
            print(worker.log.read_text()[-4000:])


def send_a_campaign(workspace) -> Batch:
    with scope(workspace):
        return sending.start(factories.campaign().pk).first_batch


def is_finished(batch: Batch) -> bool:
    with scope(batch.workspace_id):
        return Batch.objects.get(pk=batch.pk).finished_at is not None


@pytest.mark.parametrize("role", ["bulk monitor", "bulk pusher", "bulk worker", "bulk sentinel", "filling monitor"])
def test_a_killed_process_stops_nothing(acme, worker, role):
    """Each of these took a lock along that the others then waited for, for ever."""
    with scope(acme):
        factories.contacts(20)
    worker.kill_one(role)
    batch = send_a_campaign(acme)
    until(lambda: is_finished(batch), "the campaign")
    assert "gives no answer" not in worker.log.read_text()  # seen at once, not by a timeout


def test_a_worker_that_is_killed_in_a_job_gives_the_job_back(worker):
    """Its claim is free within seconds, not when it expires."""
    holder = until(lambda: worker.processes("bulk worker"), "a worker")[0]
    _, told = worker.health()
    cluster = told["clusters"]["bulk"]
    job = OrmQ.objects.create(key="bulk", payload="can't be read", lock=timezone.now() + timedelta(hours=1))
    JobClaim.objects.create(job=job, queue="bulk", cluster=cluster, pid=holder.pid)
    holder.kill()
    # Whoever takes a job that can't be read drops it.
    until(lambda: not OrmQ.objects.filter(pk=job.pk).exists(), "the job")


def test_processes_end_soon_after_their_watchdog(acme, worker):
    everybody = worker.processes()
    worker.process.kill()
    worker.process.wait()
    until(lambda: not any(process.is_running() for process in everybody), "the orphans' end", 60)


def test_ctrl_c_ends_everything_quickly(worker):
    everybody = worker.processes()
    worker.process.send_signal(signal.SIGINT)
    assert worker.process.wait(30) == 0
    assert not any(process.is_running() for process in everybody)


def test_probes_are_told_depth_and_progress(acme, worker):
    status, told = worker.health()
    assert status == 200 and told["status"] == "ok"
    assert isinstance(told["queue_depth"], int) and told["last_processed_seconds"] is not None
    assert told["sending"]["due"] == 0
    os.kill(worker.process.pid, signal.SIGSTOP)  # a watchdog that hangs answers nothing, which fails a probe as well
    try:
        assert worker.health()[0] == 0
    finally:
        os.kill(worker.process.pid, signal.SIGCONT)


def test_the_leases_of_a_dead_lane_are_free_at_once(acme):
    """Not those of another lane, however similar its name."""
    with scope(acme):
        factories.contacts(5)
    batch = send_a_campaign(acme)
    batching.fill(batch.pk)
    lease = leases.claim(lane_owners.name_of("c1", 12))
    assert lease is not None
    assert lane_owners.owners_in("c1") == {12: lane_owners.name_of("c1", 12)}
    assert recovering.reap([lane_owners.name_of("c1", 1)]) == 0
    assert recovering.reap([lane_owners.name_of("c1", 12)]) == 1
    with scope(acme):
        assert Lease.objects.get(pk=lease.id).state == Lease.State.FREE
