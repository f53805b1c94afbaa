"""CPU time to send a message through SendGrid, from a person's values to a settled outcome, as a lane does it: many
messages per call. Reference: Anymail's SendGrid backend, one message per call over one kept-alive connection.

For the reference, the time to make the message (Django's templates and EmailMultiAlternatives; the benchmark "build"
measures that) is subtracted. For ours nothing is: evaluating each person's values counts, and so does compiling the
content. Both make their JSON and talk to a stub in another process, pinned elsewhere; the result is this process's CPU
time per recipient. One call per message is measured as well, without the time to make it, like the reference.

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

N, TARGET = 20_000, 8.0
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: 14c5d75ce93.dfd.64b469\r\nContent-Length: 0\r\n\r\n"
REFERENCE = 500  # messages of the reference per round: its cost per message does not depend on their number
ALONE = 2000


def run(n: int, rounds: int) -> float:
    from django.conf import settings

    plain, ours, alone = [], [], []
    with stub() as base:
        settings.PROVIDER_BASE_URLS = {"sendgrid": base}
        for number in range(rounds):
            plain.append(anymail(base, min(n, REFERENCE)))
            ours.append(fanfare(n))
            alone.append(fanfare(min(n, ALONE), per_call=1))
            print(
                f"round {number + 1}: Anymail {plain[-1] * 1e6:,.0f} µs, Fanfare {ours[-1] * 1e6:,.0f} µs a recipient, "
                f"in a call each {alone[-1] * 1e6:,.0f} µs ({plain[-1] / alone[-1]:.1f})"
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


def fanfare(n: int, per_call: int | None = None) -> float:
    """CPU seconds per message, with `per_call` messages in a call, or as many as the product puts there."""
    from django.conf import settings

    usual = settings.HTTP_BATCH_SIZE
    settings.HTTP_BATCH_SIZE = per_call or usual
    try:
        return uvloop.run(_deliver(n)) / n
    finally:
        settings.HTTP_BATCH_SIZE = usual


async def _deliver(n: int) -> float:
    from django.conf import settings

    from delivery.channels.base import Outbox, Result
    from delivery.providers.sendgrid.provider import PROVIDER

    outbox, source = Outbox(), MessageSource(n)
    began = time.process_time()
    transport = PROVIDER.transport(SimpleNamespace(options={}, secret={"api_key": "SG.bench"}), outbox)
    for first in range(0, n, settings.SUB_BATCH):  # as a lane does it: one sub-batch after the other
        source.sub_batch_size = min(settings.SUB_BATCH, n - first)
        source.is_done.clear()
        outbox.put(source, list(range(first, first + source.sub_batch_size)))
        await source.is_done.wait()
    seconds = time.process_time() - began - source.making
    await transport.close()
    if source.results[Result.ACCEPTED] != n:
        raise SystemExit(f"{dict(source.results)}: this is no measurement")
    return seconds


class MessageSource:
    """Makes the messages, and measures the time that takes."""

    def __init__(self, n: int):
        from benchmarks import letter
        from delivery.channels.email.composing import Composer

        self.results: Counter = Counter()
        self.is_done = asyncio.Event()
        self.making = 0.0
        self.sub_batch_size = n
        self._person, self._composer = letter.person, Composer(1, 1, letter.content())
        self._bulk_compiler = None

    @property
    def shared_part(self):
        from delivery.channels.email.bulk_compiler import BulkCompiler

        if self._bulk_compiler is None:
            self._bulk_compiler = BulkCompiler(self._composer)
        return self._bulk_compiler.shared_part

    def recipient_part(self, number: int):
        from delivery.channels.email.bulk_compiler import NotBulkable

        values = self._person(number)
        try:
            recipient_part = self._bulk_compiler.recipient_part(number, values["email"], values)
        except NotBulkable:
            return None
        recipient_part.settle = self.settle
        return recipient_part

    def make(self, number: int):
        began = time.process_time()
        values = self._person(number)
        outgoing = self._composer.compose(number, values["email"], values)
        outgoing.settle = self.settle
        self.making += time.process_time() - began
        return outgoing

    def settle(self, contact_id: int, outcome) -> None:
        self.results[outcome.result] += 1
        self.sub_batch_size -= 1
        if not self.sub_batch_size:
            self.is_done.set()


class Stub(asyncio.Protocol):
    """Accepts every message as SendGrid does. Only looks at the length: where both CPUs are one core, its own work
    would slow down what is measured."""

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
