"""Segments and audiences of a workspace with a million contacts, next to fifty small workspaces.

SEGMENTS: people of one city out of a hundred (1 %), against the same query as a sequential scan, in one process of
PostgreSQL. COUNT: the first answer of the segment builder to five conditions, against its time limit and ten plain
counts of the workspace. SNAPSHOT: a batch filled with an audience without suppressed people, a tag and a segment,
against count(*) of that audience."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from benchmarks import world
from contacts.models import ContactField, Segment, Tag
from contacts.segments import audience, counting
from contacts.segments.audience import Audience, Groups
from delivery import batching, send_rules
from delivery.models import Batch, Message, ProviderAccount
from kernel.tenancy import scope

N = 1_000_000
NEIGHBOURS, SMALL = 50, 1000
CITIES, TAGS = 100, 5000


def _group(match: str, *rules: tuple) -> dict:
    return {
        "version": 1,
        "match": match,
        "rules": [{"on": on, "op": op, "with": args} for on, op, args in rules],
    }


ONE_CITY = _group("all", ("field:city", "is", {"value": "city 7"}))
FIVE = _group(
    "all",
    ("field:city", "is_not", {"value": "city 7"}),
    ("field:points", "gt", {"value": "20"}),
    ("field:vip", "yes", {}),
    ("first_name", "contains", {"value": "1"}),
    ("created", "last", {"days": 400}),
)


def segments(n: int, rounds: int) -> float:
    """How many times faster the query is with the index."""
    workspace = _world(n)
    condition, params = _sql(workspace, Audience(include=Groups(definitions=(ONE_CITY,))))
    statement = _counting(condition)
    ours, plain = [], []
    with connections["engine"].cursor() as cursor:
        # With the workers of a parallel scan, the sequential one would get three shares of its CPU.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        # Whoever reads first writes what the making of the contacts left in memory.
        for index in ("off", "on"):
            _run(cursor, statement, params, index)
        for number in range(rounds):
            plain.append(_time(_run, cursor, statement, params, "off"))
            ours.append(_time(_run, cursor, statement, params, "on"))
            print(f"round {number + 1}: sequential {plain[-1] * 1e3:,.0f} ms, ours {ours[-1] * 1e3:,.1f} ms")
    return statistics.median(a / b for a, b in zip(plain, ours, strict=True))


def count(n: int, rounds: int) -> float:
    """The time limit of the exact count and ten plain counts, over the time of the first answer: one or more."""
    workspace = _world(n)
    people = Audience(include=Groups(definitions=(FIVE,)))
    ours, plain = [], []
    with scope(workspace):
        exact = audience.count_at_best(workspace.pk, people)
        for number in range(rounds):
            with connections["engine"].cursor() as cursor:
                statement = "SELECT count(*) FROM contacts_contact WHERE workspace_id = %s"
                plain.append(_time(cursor.execute, statement, [workspace.pk]))
            ours.append(_time(audience.count, workspace.pk, people))
            first = audience.count(workspace.pk, people)
            print(
                f"round {number + 1}: plain count {plain[-1] * 1e3:,.0f} ms, first answer {ours[-1] * 1e3:,.0f} ms "
                f"({'exact' if first.exact else f'between {first.between}'} {first.people:,} of {exact.people:,})"
            )
    limits = [counting.FIRST_SECONDS + 10 * seconds for seconds in plain]
    return statistics.median(a / b for a, b in zip(limits, ours, strict=True))


def snapshot(n: int, rounds: int) -> float:
    """The rate of filling a batch over the rate of counting its people."""
    workspace = _world(n)
    with scope(workspace):
        segment = Segment.objects.create(name="One city", definition=ONE_CITY)
        people = Audience(exclude=Groups(tags=(Tag.objects.get(name="tag 3").pk,), segments=(segment.pk,)))
    filling, counted_in = [], []
    for number in range(rounds):
        batch = _batch(workspace, people)
        condition, params = _sql(workspace, people)
        params |= send_rules.params(batch)
        statement = (
            "SELECT count(*) FROM contacts_contact c LEFT JOIN contacts_suppression s "
            "ON s.workspace_id = %(workspace)s AND s.channel = %(channel)s AND s.recipient = c.email "
            f"WHERE c.workspace_id = %(workspace)s AND {condition} AND {send_rules.forbidden('email')} IS NULL"
        )
        with connections["engine"].cursor() as cursor:
            counted_in.append(_time(cursor.execute, statement, params))
            counted = cursor.fetchone()[0]
        filling.append(_time(_fill, batch))
        with scope(workspace):
            queued = Message.objects.filter(batch=batch, state=Message.State.QUEUED).count()
        if queued != counted:
            raise SystemExit(f"{queued} messages for {counted} people")
        print(f"round {number + 1}: counted {counted:,} in {counted_in[-1]:.2f} s, filled in {filling[-1]:.2f} s")
    return statistics.median(a / b for a, b in zip(counted_in, filling, strict=True))


SEGMENTS = (segments, N, 6)
COUNT = (count, N, 1)
SNAPSHOT = (snapshot, N, 0.2)


def _world(n: int):
    for number in range(NEIGHBOURS):
        world.fill_with_contacts(world.workspace(f"neighbour-{number}"), SMALL)
    workspace = world.workspace("large")
    world.fill_with_contacts(workspace, n)
    with scope(workspace):
        for name, kind in (("city", "text"), ("points", "number"), ("vip", "boolean")):
            ContactField.objects.create(name=name, label=name, kind=kind)
        Tag.objects.bulk_create([Tag(name=f"tag {number}") for number in range(TAGS)])
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_contact SET attributes = jsonb_build_object('city', 'City ' || id %% %s, "
            "'points', id %% 40, 'vip', id %% 2 = 0, 'street', 'Street ' || id, 'since', '2024-01-0' || id %% 9 + 1)",
            [CITIES],
        )
        cursor.execute(
            "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) SELECT c.workspace_id, c.id, t.id "
            "FROM contacts_contact c JOIN contacts_tag t ON t.workspace_id = c.workspace_id "
            "AND t.name = 'tag ' || c.id %% 50 WHERE c.workspace_id = %s",
            [workspace.pk],
        )
        cursor.execute(
            "INSERT INTO contacts_suppression (workspace_id, channel, recipient, reason, at) "
            "SELECT workspace_id, 'email', email, 'manual', now() FROM contacts_contact "
            "WHERE workspace_id = %s AND id %% 20 = 0",
            [workspace.pk],
        )
        cursor.execute("VACUUM ANALYZE")
    return workspace


def _sql(workspace, people: Audience) -> tuple[str, dict]:
    with scope(workspace):
        condition, params = people.sql()
    return condition, params | {"workspace": workspace.pk}


def _counting(condition: str) -> str:
    return f"SELECT count(*) FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND {condition}"


def _run(cursor, statement: str, params: dict, index: str) -> None:
    cursor.execute(
        f"SET enable_indexscan = {index}; SET enable_bitmapscan = {index}; SET enable_indexonlyscan = {index}"
    )
    cursor.execute(statement, params)
    cursor.fetchone()
    cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan")


def _batch(workspace, people: Audience) -> Batch:
    with scope(workspace):
        return Batch.objects.create(
            name="Snapshot",
            account=ProviderAccount.objects.first(),
            audience=people.frozen().data(),
            expires_at=timezone.now() + timedelta(hours=1),
        )


def _fill(batch: Batch) -> None:
    while not batching.fill(batch.pk):
        pass


def _time(work: Callable, *args) -> float:
    began = time.perf_counter()
    work(*args)
    return time.perf_counter() - began
