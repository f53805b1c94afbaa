"""Importing a file with tags, a list and five typed fields: against plain COPY into the same indexed table, and against
an upsert per row that does the same work.

The result is our rate over that of COPY. The ratio to the upsert is printed, and must be at least UPSERT_TARGET. Each
round runs the three one after the other. The upsert, far slower, gets a fraction of the rows, and is compared with an
import of the same size."""

from __future__ import annotations

import csv
import io
import json
import statistics
import time

from django.core.files.base import ContentFile
from django.db import connections, transaction

from benchmarks import world
from benchmarks.import_csv import watched
from contacts.fields import values
from contacts.identity.addresses import clean_email
from contacts.imports import running, uploading
from contacts.models import (
    Consent,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    ImportList,
    ListMember,
    Tag,
)
from kernel.tenancy import scope

N, TARGET = 1_000_000, 0.35
UPSERT_TARGET = 4.0
UPSERTS = 1_000
MEMORY_TARGET = 200  # MB over idle
KINDS = {"city": "text", "points": "number", "born": "date", "vip": "boolean", "site": "url"}
MAPPING = ["email", "first_name", "last_name", *(f"attributes:{name}" for name in KINDS), "tags"]


def run(n: int, rounds: int) -> float:
    text = file_of(n)
    print(f"{n:,} rows, {len(text) / 1e6:.0f} MB")
    plain, ours, few, memory = [], [], [], 0.0
    for number in range(rounds):
        plain.append(_copy(text, number))
        seconds, grown = _import(text, f"ours-{number}")
        ours.append(seconds)
        memory = max(memory, grown)
        small = file_of(min(n, UPSERTS))
        one_by_one = _timed(_upserts, small, number)
        few.append(one_by_one / _import(small, f"few-{number}")[0])
        print(
            f"round {number + 1}: COPY {n / plain[-1]:,.0f} rows/s, import {n / ours[-1]:,.0f} rows/s, "
            f"upserts {min(n, UPSERTS) / one_by_one:,.0f} rows/s (import of as many: {few[-1]:.1f} times)"
        )
    print(f"memory while importing: {memory:.0f} MB over idle (at most {MEMORY_TARGET})")
    print(f"over an upsert per row: {statistics.median(few):.1f} (target {UPSERT_TARGET:g})")
    ratio = statistics.median(plain) / statistics.median(ours)
    return ratio if memory < MEMORY_TARGET and statistics.median(few) >= UPSERT_TARGET else 0.0


def gin(n: int, rounds: int) -> float:
    """The cost of the GIN index on the fields: the rate with it over the rate without it."""
    text, with_it, without = file_of(n), [], []
    for number in range(rounds):
        with_it.append(_import(text, f"with-{number}")[0])
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'contact_by_attributes'")
            definition = cursor.fetchone()[0]
            cursor.execute("DROP INDEX contact_by_attributes")
            without.append(_import(text, f"without-{number}")[0])
            cursor.execute(definition)
        print(f"round {number + 1}: with {n / with_it[-1]:,.0f} rows/s, without {n / without[-1]:,.0f} rows/s")
    return statistics.median(without) / statistics.median(with_it)


GIN = (gin, 100_000, 0.0)


def file_of(n: int) -> str:
    out = io.StringIO()
    out.write("email,first name,last name," + ",".join(KINDS) + ",tags\n")
    for i in range(n):
        out.write(
            f"user{i}@example.com,First{i % 5000},Last{i % 7000},City {i % 300},{i % 1000},"
            f"{i % 28 + 1:02d}/03/19{i % 90 + 10},"
            f'{"oui" if i % 3 else "non"},https://shop.example/{i % 50},"tag{i % 40},vip"\n'
        )
    return out.getvalue()


def _timed(function, *args) -> float:
    began = time.perf_counter()
    function(*args)
    return time.perf_counter() - began


def world_of(name: str):
    workspace = world.workspace(name)
    with scope(workspace):
        for field, kind in KINDS.items():
            ContactField.objects.create(name=field, label=field, kind=kind)
    return workspace


def _import(text: str, name: str) -> tuple[float, float]:
    workspace = world_of(name)
    with scope(workspace):
        upload = uploading.upload(ContentFile(text.encode(), name="a.csv"), None)
        upload.mapping, upload.consent_source = MAPPING, "bench"
        ImportList.objects.create(contact_import=upload, contact_list=ContactList.objects.create(name="Everyone"))
        running.start(upload, None)

    def work():
        while not running.run(workspace.pk, upload.pk):
            pass

    return watched(work)


def _copy(text: str, number: int) -> float:
    """Seconds that PostgreSQL alone needs for finished contacts, with all their indexes, in one COPY."""
    workspace = world.workspace(f"copy-{number}")
    columns = "workspace_id, email, first_name, last_name, attributes, status, source, created_at, updated_at"
    ready, lines = io.StringIO(), io.StringIO(text)
    writer = csv.writer(ready)
    next(lines)
    for row in csv.reader(lines):
        attributes = json.dumps(dict(zip(KINDS, row[3:8], strict=True)))
        writer.writerow((workspace.pk, row[0], row[1], row[2], attributes, "subscribed", "import", "now", "now"))
    ready.seek(0)
    began = time.perf_counter()
    statement = f"COPY contacts_contact ({columns}) FROM STDIN (FORMAT csv)"
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor, cursor.copy(statement) as copy:
        while block := ready.read(1 << 18):
            copy.write(block)
    return time.perf_counter() - began


def _upserts(text: str, number: int) -> None:
    """The usual loop: check the row, update_or_create the contact, record its consent, tags and list."""
    workspace = world_of(f"upserts-{number}")
    with scope(workspace):
        everyone = ContactList.objects.create(name="Everyone")
        tags: dict[str, Tag] = {}
        lines = io.StringIO(text)
        next(lines)
        for row in csv.reader(lines):
            attributes = {
                name: values.read(kind, cell) for (name, kind), cell in zip(KINDS.items(), row[3:8], strict=True)
            }
            fields = {"first_name": row[1], "last_name": row[2], "attributes": attributes, "status": "subscribed"}
            contact, is_new = Contact.objects.update_or_create(email=clean_email(row[0]), defaults=fields)
            if is_new:
                Consent.objects.create(contact=contact, state="granted", source="import", wording="bench")
            for name in row[8].split(","):
                if name not in tags:
                    tags[name] = Tag.objects.get_or_create(name=name)[0]
                ContactTag.objects.get_or_create(contact=contact, tag=tags[name])
            ListMember.objects.get_or_create(contact=contact, contact_list=everyone)
