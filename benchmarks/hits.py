"""An open or a click, from the connection to the report: answered by the shipped web server (gunicorn, one process),
committed before it is answered, and folded. Reference: the same requests through Django, with a row inserted and
committed by each, as it was before `delivery.wsgi`.

The result is the ratio of CPU times of the web process per request. Requests a second and the time to fold are printed
as well. The clients and the database run on other cores where there are any.

    python -m benchmarks.hits PORT CLIENTS    # the clients: read paths from standard input, print how many
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import cpus

N, TARGET = 20_000, 5.0
CLIENTS = 100
WARM_UP = 200
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: What serves: the product, or the product without what answers in front of Django.
DOOR, DJANGO = "config.wsgi:application", "benchmarks.hits:django_alone"


def run(n: int, rounds: int) -> float:
    from benchmarks import world
    from delivery import folding

    batch = _batch(world.workspace("hits"))
    ratios, first = [], 0
    for number in range(rounds):
        cpu = {}
        for application, size in ((DJANGO, n // 8), (DOOR, n)):
            seconds, used = measure(application, paths(batch, first, size))
            first += size
            cpu[application] = used / size
            began = time.perf_counter()
            while folding.fold():
                pass
            folded = time.perf_counter() - began
            name = "Django" if application == DJANGO else "in front of it"
            print(
                f"round {number + 1}, {name}: {size / seconds:,.0f} a second, {used / size * 1e3:.3f} ms of CPU each; "
                f"folded {size / folded:,.0f} a second"
            )
        ratios.append(cpu[DJANGO] / cpu[DOOR])
    return statistics.median(ratios)


def _batch(workspace) -> tuple[int, int]:
    """(workspace, batch) with one link and no people: what becomes of unknown people's hits costs the same look-ups."""
    from django.utils import timezone

    from delivery.models import Batch, ProviderAccount, TrackedLink
    from kernel.tenancy import scope

    with scope(workspace):
        batch = Batch.objects.create(account=ProviderAccount.objects.get(), expires_at=timezone.now())
        TrackedLink.objects.create(batch=batch, n=0, url="https://shop.example/a")
    return workspace.pk, batch.pk


def paths(batch: tuple[int, int], first: int, n: int) -> list[str]:
    """Four opens and a click of each of so many people."""
    from delivery import tracking

    signer = tracking.signer(tracking.MESSAGE, *batch)
    tokens = [signer.sign(person) for person in range(first + 1, first + n + 1)]
    return [f"/c/{token}/0/" if i % 5 == 4 else f"/o/{token}.gif" for i, token in enumerate(tokens)]


def measure(application: str, wanted: list[str]) -> tuple[float, float]:
    """Wall seconds, and CPU seconds of the web process, for these requests."""
    with serving(application) as (port, worker):
        drive(port, wanted[:WARM_UP])
        before = cpu_of(worker)
        began = time.perf_counter()
        drive(port, wanted)
        return time.perf_counter() - began, cpu_of(worker) - before


def drive(port: int, wanted: list[str]) -> None:
    command = [sys.executable, "-m", "benchmarks.hits", str(port), str(CLIENTS)]
    with cpus.for_servers():
        done = subprocess.run(command, input="\n".join(wanted), text=True, capture_output=True, check=True)
    if int(done.stdout) != len(wanted):
        raise SystemExit(f"{done.stdout} of {len(wanted)} answered: this is no measurement")


@contextmanager
def serving(application: str) -> Iterator[tuple[int, int]]:
    """(port, process id of the one worker)"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("gunicorn")), application, "--bind", f"127.0.0.1:{port}"]
    environment = os.environ | {"WEB_CONCURRENCY": "1"}
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait(port)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield port, int(children[0])
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            client.request("GET", "/healthz", headers={"Host": "localhost"})
            client.getresponse().read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def django_alone(environ, start_response):
    """The product as it was: every hit through the middleware, and its own INSERT."""
    return _django()(environ, start_response)


def _django(made: list = []):  # noqa: B006  (made once in a process)
    if not made:
        from config import wsgi  # noqa: F401  (sets Django up)
        from delivery import hits
        from kernel.wsgi import Handler

        hits.SPOOL = OneByOne()
        made.append(Handler())
    return made[0]


class OneByOne:
    """A row and a commit for each hit, unless the same was there within the last minute."""

    SQL = """
    INSERT INTO delivery_incominghit (workspace_id, batch_id, contact_id, kind, link, made_by, agent, network)
    SELECT %(workspace_id)s, %(batch_id)s, %(contact_id)s, %(kind)s, %(link)s, %(made_by)s, %(agent)s, %(network)s
    WHERE NOT EXISTS (SELECT FROM delivery_hit WHERE workspace_id = %(workspace_id)s AND batch_id = %(batch_id)s
                      AND contact_id = %(contact_id)s AND kind = %(kind)s AND at > now() - interval '1 minute')
    """

    def append(self, rows) -> None:
        from django.db import connections

        with connections["engine"].cursor() as cursor:
            cursor.executemany(self.SQL, rows)


def clients(port: int, n: int) -> None:
    """Ask for the paths on standard input over n connections; print how many were answered."""
    wanted = sys.stdin.read().split()
    answered = [0] * n

    def ask(number: int) -> None:
        client = socket.create_connection(("127.0.0.1", port))
        reader = client.makefile("rb")
        for path in wanted[number::n]:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {AGENT}\r\n\r\n".encode())
            status = reader.readline()
            length = 0
            while (line := reader.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            reader.read(length)
            answered[number] += status.startswith((b"HTTP/1.1 200", b"HTTP/1.1 302"))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(answered))


if __name__ == "__main__":
    clients(int(sys.argv[1]), int(sys.argv[2]))
