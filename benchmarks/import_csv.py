"""Importing a CSV file: validate, merge, upsert, record consent, count. Reference: bulk_create, 1,000 at once."""

from __future__ import annotations

import csv
import io
import statistics
import threading
import time

import psutil
from django.core.files.base import ContentFile
from django.db import transaction

from benchmarks import world
from contacts.identity.addresses import BadAddress, clean_email
from contacts.imports import running, uploading
from contacts.models import Consent, Contact, ContactImport, RejectedRow
from kernel.tenancy import scope

N, TARGET = 100_000, 4.0
MEMORY_TARGET = 200  # MB over idle


def run(n: int, rounds: int) -> float:
    data = file_of(n)
    plain, ours, memory = [], [], 0.0
    for number in range(rounds):
        plain.append(_timed(reference, data, number))
        seconds, grown = _import(data, number)
        ours.append(seconds)
        memory = max(memory, grown)
        print(f"round {number + 1}: bulk_create {n / plain[-1]:,.0f} rows/s, import {n / ours[-1]:,.0f} rows/s")
    print(f"memory while importing: {memory:.0f} MB over idle (at most {MEMORY_TARGET})")
    ratio = statistics.median(plain) / statistics.median(ours)
    return ratio if memory < MEMORY_TARGET else 0.0


def file_of(n: int) -> str:
    """A file of names and addresses, of which 2 % are repeated and some are none."""
    return "email,first name,last name\n" + "".join(
        f"user{i % (n - n // 50)}@example.com,First{i},Last{i}\n" if i % 200 else f"bad {i},x,y\n" for i in range(n)
    )


def _timed(function, *args) -> float:
    began = time.perf_counter()
    function(*args)
    return time.perf_counter() - began


def _import(data: str, number: int) -> tuple[float, float]:
    workspace = world.workspace(f"ours-{number}")
    with scope(workspace):
        upload = uploading.upload(ContentFile(data.encode(), name="a.csv"), None)
        upload.consent_source = "bench"
        running.start(upload, None)

    def work():
        while not running.run(workspace.pk, upload.pk):
            pass

    return watched(work)


def watched(work) -> tuple[float, float]:
    """(seconds that the work took, by how many MB the process grew meanwhile, at its peak)."""
    process, peak, stop = psutil.Process(), [0], threading.Event()
    idle = process.memory_info().rss

    def watch():
        while not stop.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    stop.set()
    watcher.join()
    return seconds, max(0, peak[0] - idle) / 1e6


def reference(data: str, number: int) -> None:
    workspace = world.workspace(f"plain-{number}")
    with scope(workspace):
        upload = ContactImport.objects.create(name="a.csv", size=len(data), encoding="utf-8", delimiter=",")
    reader = csv.reader(io.StringIO(data))
    next(reader)
    chunk: dict[str, list[str]] = {}
    rejected = []
    for line, row in enumerate(reader, 1):
        try:
            chunk[clean_email(row[0])] = row
        except BadAddress as problem:
            rejected.append((line, str(problem), row))
        if len(chunk) == 1000:
            _write(workspace, upload, chunk, rejected)
            chunk, rejected = {}, []
    _write(workspace, upload, chunk, rejected)


def _write(workspace, upload, chunk, rejected) -> None:
    with scope(workspace), transaction.atomic():
        known = set(Contact.objects.filter(email__in=chunk).values_list("email", flat=True))
        people = [
            Contact(email=email, first_name=row[1], last_name=row[2], status="subscribed")
            for email, row in chunk.items()
        ]
        Contact.objects.bulk_create(
            people,
            update_conflicts=True,
            unique_fields=["workspace", "email"],
            update_fields=["first_name", "last_name", "updated_at"],
        )
        Consent.objects.bulk_create(
            [
                Consent(contact=person, state="granted", source="import", wording="bench")
                for person in people
                if person.email not in known
            ]
        )
        RejectedRow.objects.bulk_create(
            [RejectedRow(contact_import=upload, line=line, reason=reason, cells=row) for line, reason, row in rejected]
        )
