"""How many people a condition means: exactly where that is quick, else an estimate that says so, and the exact number
when asked again.

The estimate looks at people taken evenly from the whole workspace. It exists because the page asks at every change, and
an answer must not take longer than a few plain counts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from django.db import connections

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from kernel.statement_timeout import TookTooLong, statement_timeout

SMALL = 30_000  # people of a workspace up to which counting is exact at once
STRETCHES, STRETCH = 500, 20  # of the sample: many short ones, because people added together are alike
SECONDS, MOST_SECONDS = 2, 10  # for the first answer, for the exact one


@dataclass(frozen=True)
class Count:
    """`people` of the condition, those of them whom a gate lets through, and whether that is exact."""

    people: int
    reachable: int
    exact: bool


PICK = """
FROM generate_series(0, {stretches} - 1) g CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact p WHERE p.workspace_id = %(workspace)s
    AND p.id >= (%(low)s + (%(high)s - %(low)s) * (g + (hashint4(g) & 1023) / 1024.0) / {stretches})::bigint
    ORDER BY p.id LIMIT {stretch}) c
"""


def count(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count:
    """The first answer: exact for a small workspace and for a condition that an index answers, else estimated. On the
    engine, because row-level security keeps the web role off GIN; it sees what is committed."""
    gate = gate or consent_rules.marketing()
    params = {**params, **gate.params, "workspace": workspace_id}
    # The planner may take for cheap what is not: then the estimate answers after all.
    with contextlib.suppress(TookTooLong), statement_timeout(SECONDS, using="engine") as cursor:
        if _is_small(cursor, workspace_id) or _is_cheap(cursor, condition, gate, params):
            return _exact(cursor, condition, gate, params)
    with connections["engine"].cursor() as cursor:
        return _estimate(cursor, condition, gate, params)


def count_exactly(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count | None:
    """None where it would take longer than MOST_SECONDS. By the web role, which sees what this transaction wrote."""
    gate = gate or consent_rules.marketing()
    try:
        with statement_timeout(MOST_SECONDS) as cursor:
            return _exact(cursor, condition, gate, {**params, **gate.params, "workspace": workspace_id})
    except TookTooLong:
        return None


def _is_small(cursor, workspace_id: int) -> bool:
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM contacts_contact WHERE workspace_id = %s LIMIT %s) few",
        [workspace_id, SMALL + 1],
    )
    return cursor.fetchone()[0] <= SMALL


def _is_cheap(cursor, condition: str, gate: Gate, params: dict) -> bool:
    """Whether the planner expects to read few people: then an index answers the condition."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) {_statement(condition, gate)}", params)
    plan = cursor.fetchone()[0][0]["Plan"]
    cursor.execute(
        "EXPLAIN (FORMAT JSON) SELECT count(*) FROM contacts_contact c WHERE c.workspace_id = %(workspace)s", params
    )
    return plan["Total Cost"] < cursor.fetchone()[0][0]["Plan"]["Total Cost"]


def _exact(cursor, condition: str, gate: Gate, params: dict) -> Count:
    cursor.execute(_statement(condition, gate), params)
    return Count(*cursor.fetchone(), exact=True)


def _statement(condition: str, gate: Gate) -> str:
    return (
        f"SELECT count(*), count(*) FILTER (WHERE ({gate.forbidden}) IS NULL) FROM contacts_contact c "  # noqa: S608
        f"{consent_rules.suppression(gate.channel)} WHERE c.workspace_id = %(workspace)s AND {condition}"
    )


def _estimate(cursor, condition: str, gate: Gate, params: dict) -> Count:
    cursor.execute("SELECT count(*), min(id), max(id) FROM contacts_contact WHERE workspace_id = %(workspace)s", params)
    total, low, high = cursor.fetchone()
    sample = PICK.format(stretches=STRETCHES, stretch=STRETCH)
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE is_meant), "  # noqa: S608
        f"count(*) FILTER (WHERE is_meant AND ({gate.forbidden}) IS NULL) "
        f"FROM (SELECT c.*, ({condition}) AS is_meant {sample} OFFSET 0) c {consent_rules.suppression(gate.channel)}",
        params | {"low": low, "high": high},
    )
    seen, people, reachable = cursor.fetchone()
    return Count(_round(people * total / seen), _round(reachable * total / seen), exact=False)


def _round(number: float) -> int:
    """Two figures that count: an estimate that looks exact is a lie."""
    digits = max(0, len(str(int(number))) - 2)
    return round(number / 10**digits) * 10**digits
