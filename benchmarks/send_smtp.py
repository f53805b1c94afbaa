"""Sending a campaign from PostgreSQL to an SMTP server, with each outcome recorded.

Reference: for each recipient a row, a Django template, EmailMultiAlternatives over one kept-alive connection, and
save(). What is measured runs on one CPU, PostgreSQL and the sink on the other."""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.mail import get_connection
from django.db import connections
from django.utils import timezone

from benchmarks import cpus, letter, world
from contacts.models import Contact
from contacts.segments.audience import Audience
from delivery import batching
from delivery.models import Message, ProviderAccount
from delivery.sending import lane
from kernel.tenancy import scope

N, TARGET = 100_000, 40.0
REFERENCE = 1000  # messages of the reference per round: its rate does not depend on their number


def run(n: int, rounds: int) -> float:
    plain, ours = [], []
    with sink() as (port, count):
        for number in range(rounds):
            workspace, batch = prepare(f"send-{number}", n, port)
            plain.append(reference(workspace, batch, port))
            before, wal = count(), _wal()
            ours.append(send(workspace, batch, n))
            after = count()
            trips = (after["round_trips"] - before["round_trips"]) / n
            print(
                f"round {number + 1}: plain Django {plain[-1]:,.0f}/s, Fanfare {ours[-1]:,.0f}/s; "
                f"{trips:.3f} round trips and {(_wal() - wal) / n:.0f} bytes of WAL a message"
            )
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at its highest")
    return statistics.median(ours) / statistics.median(plain)


@contextmanager
def sink(*options: str) -> Iterator:
    """Run a sink. Yields (its port, a function that returns its counts)."""
    with cpus.for_servers():
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sink", *options], stdout=subprocess.PIPE, text=True
        )

    def count() -> dict:
        os.kill(process.pid, signal.SIGUSR1)
        return json.loads(process.stdout.readline())

    try:
        yield int(process.stdout.readline()), count
    finally:
        process.terminate()
        process.wait()


def prepare(name: str, n: int, port: int, security: str = "none", host: str = "127.0.0.1"):
    """A workspace with n contacts, and a filled batch for all of them."""
    workspace = world.workspace(name)
    world.fill_with_contacts(workspace, n)
    with scope(workspace):
        options = {"host": host, "port": port, "security": security, "user": ""}
        account = ProviderAccount.objects.create(name="SMTP", provider="smtp", options=options)
        batch = batching.open_batch(
            name="Bench", content=letter.content(numbered=False), account=account, audience=Audience()
        )
    while not batching.fill(batch.pk):
        pass
    world.analyse()
    return workspace, batch


def send(workspace, batch, n: int) -> float:
    began = time.perf_counter()
    while lane.run():
        pass
    seconds = time.perf_counter() - began
    check(workspace, batch, n)
    return n / seconds


def check(workspace, batch, n: int) -> None:
    with scope(workspace):
        accepted = batch.tallies().get("accepted", 0)
    if accepted != n:
        raise SystemExit(f"{accepted} of {n} accepted: this is no measurement")


def reference(workspace, batch, port: int, n: int = REFERENCE) -> float:
    """Messages per second of a Django project that sends the obvious way. Its rows are reset afterwards."""
    django = letter.DjangoWay()
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    connection.open()
    began = time.perf_counter()
    with scope(workspace):
        rows = Message.objects.filter(batch=batch).order_by("contact_id")[:n]
        for row in rows.iterator():
            contact = Contact.objects.get(pk=row.contact_id)
            message = django.message(contact.merge_values(), "x" * 27)
            message.connection = connection
            message.send()
            row.state, row.settled_at = Message.State.ACCEPTED, timezone.now()
            row.save(update_fields=["state", "settled_at"])
    seconds = time.perf_counter() - began
    connection.close()
    with scope(workspace):
        Message.objects.filter(batch=batch, state=Message.State.ACCEPTED).update(
            state=Message.State.QUEUED, settled_at=None
        )
    return n / seconds


def _wal() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])
