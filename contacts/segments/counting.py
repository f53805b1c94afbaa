"""Counts the contacts that a condition selects: exactly if that is fast, else as an estimate, and exactly on request.

The estimate samples contacts evenly from the whole workspace. It exists because the page asks at every change, and an
answer must not take longer than a few plain counts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from django.db import connections
from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from kernel.statement_timeout import TookTooLong, statement_timeout

SMALL = 30_000  # contacts; in a workspace of at most this size, the first answer is exact
SAMPLE_CHUNKS, CHUNK_SIZE = 500, 20  # many small chunks, because contacts that were added together are alike
FIRST_SECONDS, EXACT_SECONDS = 2, 10  # time limits for the first answer, and for the exact one


@dataclass(frozen=True)
class Count:
    """The number of contacts that a condition selects, how many of them the gate lets pass, and whether these numbers
    are exact."""

    people: int
    reachable: int
    exact: bool


SAMPLE = """
FROM generate_series(0, {chunks} - 1) g CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact p WHERE p.workspace_id = %(workspace)s
    AND p.id >= (%(low)s + (%(high)s - %(low)s) * (g + (hashint4(g) & 1023) / 1024.0) / {chunks})::bigint
    ORDER BY p.id LIMIT {size}) c
"""


def count(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count:
    """The first answer: exact for a small workspace and for a condition that an index answers, else estimated. It runs
    on the engine connection, because row-level security prevents the web role from using GIN indexes; so it sees only
    what is committed."""
    gate = gate or consent_rules.marketing()
    params = {**params, **gate.params, "workspace": workspace_id}
    # The planner may be wrong about what is cheap: then the count times out, and the estimate answers.
    with contextlib.suppress(TookTooLong), statement_timeout(FIRST_SECONDS, using="engine") as cursor:
        if _is_small(cursor, workspace_id) or _is_cheap(cursor, condition, gate, params):
            return _exact(cursor, condition, gate, params)
    with connections["engine"].cursor() as cursor:
        return _estimate(cursor, condition, gate, params)


def count_exactly(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count | None:
    """The exact count; None if it would take longer than EXACT_SECONDS. It runs as the web role, which sees what this
    transaction wrote."""
    gate = gate or consent_rules.marketing()
    try:
        with statement_timeout(EXACT_SECONDS) as cursor:
            return _exact(cursor, condition, gate, {**params, **gate.params, "workspace": workspace_id})
    except TookTooLong:
        return None


def _is_small(cursor: CursorWrapper, workspace_id: int) -> bool:
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM contacts_contact WHERE workspace_id = %s LIMIT %s) few",
        [workspace_id, SMALL + 1],
    )
    return cursor.fetchone()[0] <= SMALL


def _is_cheap(cursor: CursorWrapper, condition: str, gate: Gate, params: dict) -> bool:
    """Whether the planner expects to read few contacts: then an index answers the condition."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) {_statement(condition, gate)}", params)
    plan = cursor.fetchone()[0][0]["Plan"]
    cursor.execute(
        "EXPLAIN (FORMAT JSON) SELECT count(*) FROM contacts_contact c WHERE c.workspace_id = %(workspace)s", params
    )
    return plan["Total Cost"] < cursor.fetchone()[0][0]["Plan"]["Total Cost"]


def _exact(cursor: CursorWrapper, condition: str, gate: Gate, params: dict) -> Count:
    cursor.execute(_statement(condition, gate), params)
    people, reachable = cursor.fetchone()
    return Count(people, reachable, exact=True)


def _statement(condition: str, gate: Gate) -> str:
    return (
        f"SELECT count(*), count(*) FILTER (WHERE ({gate.forbidden}) IS NULL) FROM contacts_contact c "  # noqa: S608
        f"{consent_rules.suppression(gate.channel)} WHERE c.workspace_id = %(workspace)s AND {condition}"
    )


def _estimate(cursor: CursorWrapper, condition: str, gate: Gate, params: dict) -> Count:
    cursor.execute("SELECT count(*), min(id), max(id) FROM contacts_contact WHERE workspace_id = %(workspace)s", params)
    total, low, high = cursor.fetchone()
    sample = SAMPLE.format(chunks=SAMPLE_CHUNKS, size=CHUNK_SIZE)
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE matches), "  # noqa: S608
        f"count(*) FILTER (WHERE matches AND ({gate.forbidden}) IS NULL) "
        f"FROM (SELECT c.*, ({condition}) AS matches {sample} OFFSET 0) c {consent_rules.suppression(gate.channel)}",
        params | {"low": low, "high": high},
    )
    sampled, people, reachable = cursor.fetchone()
    return Count(_round(people * total / sampled), _round(reachable * total / sampled), exact=False)


def _round(number: float) -> int:
    """The number with two significant digits: an estimate must not look exact."""
    digits = max(0, len(str(int(number))) - 2)
    return round(number / 10**digits) * 10**digits
