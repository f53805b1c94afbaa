"""CPU of handing a message to SendGrid, from made message to settled outcome. Reference: Anymail's SendGrid backend,
one message a call over one kept connection.

On both sides a message is made just before it is sent, as when sending for real; the making is taken off (the benchmark
"build" is about that). Each side makes its JSON and talks to a stub in another process, pinned elsewhere; what is
counted is the CPU time of this process a recipient.

    python -m benchmarks.http     # the stub: prints its port
"""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import uvloop

N, TARGET = 2000, 8.0
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: 14c5d75ce93.dfd.64b469\r\nContent-Length: 0\r\n\r\n"
REFERENCE = 500  # messages of the reference a round: its cost does not depend on the number


def run(n: int, rounds: int) -> float:
    from django.conf import settings

    plain, ours = [], []
    with stub() as base:
        settings.PROVIDER_BASE_URLS = {"sendgrid": base}
        for number in range(rounds):
            plain.append(anymail(base, min(n, REFERENCE)))
            ours.append(fanfare(n))
            print(
                f"round {number + 1}: Anymail {plain[-1] * 1e6:,.0f} µs, Fanfare {ours[-1] * 1e6:,.0f} µs a recipient"
            )
    return statistics.median(a / b for a, b in zip(plain, ours, strict=True))


@contextmanager
def stub() -> Iterator[str]:
    from benchmarks import cpus

    with cpus.for_servers():
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.http"], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def anymail(base: str, n: int) -> float:
    from anymail.backends.sendgrid import EmailBackend
    from anymail.exceptions import AnymailNotSupportedWarning

    from benchmarks import letter

    django = letter.DjangoWay()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        backend = EmailBackend(api_key="SG.bench", api_url=f"{base}/v3/")
    backend.open()
    seconds, sent = 0.0, 0
    for number in range(n):
        message = django.message(letter.person(number), "x" * 27)
        began = time.process_time()
        sent += backend.send_messages([message])
        seconds += time.process_time() - began
    backend.close()
    if sent != n:
        raise SystemExit(f"{sent} of {n} accepted: this is no measurement")
    return seconds / n


def fanfare(n: int) -> float:
    return uvloop.run(_carry(n)) / n


async def _carry(n: int) -> float:
    from delivery.channels.base import Desk, Result
    from delivery.channels.email_sendgrid.provider import PROVIDER

    desk, clerk = Desk(), Clerk(n)
    began = time.process_time()
    carrier = PROVIDER.carrier(SimpleNamespace(options={}, secret={"api_key": "SG.bench"}), desk)
    desk.put(clerk, list(range(n)))
    await clerk.is_done.wait()
    seconds = time.process_time() - began - clerk.making
    await carrier.close()
    if clerk.results[Result.ACCEPTED] != n:
        raise SystemExit(f"{dict(clerk.results)}: this is no measurement")
    return seconds


class Clerk:
    """Makes the messages, and takes the time for it."""

    def __init__(self, n: int):
        from benchmarks import letter
        from delivery.composing import Composer

        self.results: Counter = Counter()
        self.is_done = asyncio.Event()
        self.making = 0.0
        self._left = n
        self._person, self._composer = letter.person, Composer(1, 1, letter.content())

    def make(self, number: int):
        began = time.process_time()
        values = self._person(number)
        outgoing = self._composer.compose(number, values["email"], values)
        outgoing.settle = self.settle
        self.making += time.process_time() - began
        return outgoing

    def settle(self, contact_id: int, outcome) -> None:
        self.results[outcome.result] += 1
        self._left -= 1
        if not self._left:
            self.is_done.set()


class Stub(asyncio.Protocol):
    """Takes every message as SendGrid does. It looks at nothing but the length: what it costs would slow down what is
    measured, where both CPUs are one core."""

    def connection_made(self, transport):
        self.transport, self.head, self.missing = transport, b"", 0

    def data_received(self, data):
        while data:
            if not self.missing:
                head, found, data = (self.head + data).partition(b"\r\n\r\n")
                self.head = b"" if found else head
                if not found:
                    return
                self.missing = int(LENGTH.search(head)[1])
            taken = data[: self.missing]
            data = data[len(taken) :]
            self.missing -= len(taken)
            if not self.missing:
                self.transport.write(ANSWER)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
