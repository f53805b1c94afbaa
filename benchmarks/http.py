"""CPU of handing a message to SendGrid, from made message to settled outcome. Reference: Anymail's SendGrid backend,
one message a call over one kept connection.

Messages are made beforehand on both sides (the benchmark "build" is about that). Each side makes its JSON and talks to
a stub in another process, pinned elsewhere; what is counted is the CPU time of this process a recipient.

    python -m benchmarks.http     # the stub: prints its port
"""

from __future__ import annotations

import asyncio
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
from aiohttp import web

N, TARGET = 2000, 8.0
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
    messages = [django.message(letter.person(number), "x" * 27) for number in range(n)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        backend = EmailBackend(api_key="SG.bench", api_url=f"{base}/v3/")
    backend.open()
    began = time.process_time()
    sent = sum(backend.send_messages([message]) for message in messages)
    seconds = time.process_time() - began
    backend.close()
    if sent != n:
        raise SystemExit(f"{sent} of {n} accepted: this is no measurement")
    return seconds / n


def fanfare(n: int) -> float:
    from benchmarks import letter
    from delivery.composing import Composer

    composer, people = Composer(1, 1, letter.content()), [letter.person(number) for number in range(n)]
    messages = [composer.compose(number, values["email"], values) for number, values in enumerate(people)]
    return uvloop.run(_carry(messages)) / n


async def _carry(messages: list) -> float:
    from delivery.channels.base import Desk, Result
    from delivery.channels.email_sendgrid.provider import PROVIDER

    desk, clerk = Desk(), Clerk(len(messages))
    account = SimpleNamespace(options={}, secret={"api_key": "SG.bench"})
    began = time.process_time()
    carrier = PROVIDER.carrier(account, desk)
    desk.put(clerk, messages)
    await clerk.is_done.wait()
    await carrier.close()
    seconds = time.process_time() - began
    if clerk.results[Result.ACCEPTED] != len(messages):
        raise SystemExit(f"{dict(clerk.results)}: this is no measurement")
    return seconds


class Clerk:
    def __init__(self, n: int):
        self.results: Counter = Counter()
        self.is_done = asyncio.Event()
        self._left = n

    def make(self, outgoing):
        outgoing.settle = self.settle
        return outgoing

    def settle(self, contact_id: int, outcome) -> None:
        self.results[outcome.result] += 1
        self._left -= 1
        if not self._left:
            self.is_done.set()


async def serve() -> None:
    """Takes every message as SendGrid does."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=202, headers={"X-Message-Id": "14c5d75ce93.dfd.64b469"})

    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/v3/mail/send", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
