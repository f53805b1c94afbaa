"""Counts the contacts that a condition selects: exactly if that is fast, else as an estimate, and exactly on request.

The page asks at every change, so the first answer has a time limit. The estimate that follows reads a sample of the
whole workspace (`estimating`), and tells a range.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from django.db import connections
from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from contacts.segments import estimating
from contacts.segments.estimating import CELL_SIZE, Estimate
from kernel.statement_timeout import TookTooLong, statement_timeout

SMALL = 30_000  # contacts; in a workspace of at most this size, the first answer is exact
FIRST_SECONDS, EXACT_SECONDS = 1.5, 10  # time limits for the first answer, and for the exact one


@dataclass(frozen=True)
class Count:
    """The number of contacts that a condition selects, how many of them the gate lets pass, and whether these numbers
    are exact. If not, the true numbers are `between` and `reachable_between` 19 times out of 20."""

    people: int
    reachable: int
    exact: bool
    between: tuple[int, int] | None = None
    reachable_between: tuple[int, int] | None = None


# Row numbers come from an index alone. Only the rows of the cells are read.
SAMPLE = """
SELECT m.cell, count(*), count(*) FILTER (WHERE m.matches), count(*) FILTER (WHERE m.reachable) FROM (
    SELECT c.cell, c.matches, c.matches AND ({forbidden}) IS NULL AS reachable
    FROM (SELECT c.*, r.cell, ({condition}) AS matches
          FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / {size} AS cell FROM contacts_contact
                WHERE workspace_id = %(workspace)s) r
          JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = r.id
          WHERE r.cell = ANY(%(cells)s) OFFSET 0) c {suppression}) m
GROUP BY m.cell
"""


def count(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count:
    """The first answer: exact for a small workspace and wherever counting takes at most FIRST_SECONDS, else estimated.
    It runs on the engine connection, because row-level security prevents the web role from using GIN indexes; so it
    sees only what is committed."""
    gate = gate or consent_rules.marketing()
    seconds = EXACT_SECONDS if is_small(workspace_id) else FIRST_SECONDS
    with contextlib.suppress(TookTooLong), statement_timeout(seconds, using="engine") as cursor:
        return _exact(cursor, condition, gate, {**params, **gate.params, "workspace": workspace_id})
    return estimate(workspace_id, condition, params, gate)


def count_exactly(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count | None:
    """The exact count; None if it would take longer than EXACT_SECONDS. It runs as the web role, which sees what this
    transaction wrote."""
    gate = gate or consent_rules.marketing()
    try:
        with statement_timeout(EXACT_SECONDS) as cursor:
            return _exact(cursor, condition, gate, {**params, **gate.params, "workspace": workspace_id})
    except TookTooLong:
        return None


def estimate(workspace_id: int, condition: str, params: dict, gate: Gate | None = None) -> Count:
    """An estimate from a random sample, with its ranges."""
    gate = gate or consent_rules.marketing()
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_contact WHERE workspace_id = %s", [workspace_id])
        total = cursor.fetchone()[0]
        if not total:
            return Count(0, 0, exact=True)
        strata = estimating.draw(total)
        cells = [cell for stratum in strata for cell in stratum.drawn]
        sample = SAMPLE.format(
            condition=condition,
            forbidden=gate.forbidden,
            suppression=consent_rules.suppression(gate.channel),
            size=CELL_SIZE,
        )
        cursor.execute(sample, {**params, **gate.params, "workspace": workspace_id, "cells": cells})
        rows = cursor.fetchall()
    sizes = {cell: size for cell, size, _people, _reachable in rows}
    people = estimating.estimate(strata, total, sizes, {cell: people for cell, _size, people, _reachable in rows})
    reachable = estimating.estimate(strata, total, sizes, {cell: reachable for cell, _size, _people, reachable in rows})
    return Count(
        _round(people.value),
        _round(reachable.value),
        exact=False,
        between=_rounded_range(people),
        reachable_between=_rounded_range(reachable),
    )


def is_small(workspace_id: int) -> bool:
    """Whether the workspace has so few contacts that a page may count among them before it is shown."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM contacts_contact WHERE workspace_id = %s LIMIT %s) few",
            [workspace_id, SMALL + 1],
        )
        return cursor.fetchone()[0] <= SMALL


def _exact(cursor: CursorWrapper, condition: str, gate: Gate, params: dict) -> Count:
    cursor.execute(_statement(condition, gate), params)
    people, reachable = cursor.fetchone()
    return Count(people, reachable, exact=True)


def _statement(condition: str, gate: Gate) -> str:
    return (
        f"SELECT count(*), count(*) FILTER (WHERE ({gate.forbidden}) IS NULL) FROM contacts_contact c "  # noqa: S608
        f"{consent_rules.suppression(gate.channel)} WHERE c.workspace_id = %(workspace)s AND {condition}"
    )


def _round(number: float) -> int:
    """The number with two significant digits: an estimate must not look exact."""
    unit = _unit(number)
    return round(number / unit) * unit


def _rounded_range(found: Estimate) -> tuple[int, int]:
    """The range with two significant digits, not narrower than it is."""
    low, high = _unit(found.low), _unit(found.high)
    return int(found.low // low) * low, int(-(-found.high // high)) * high


def _unit(number: float) -> int:
    return 10 ** max(0, len(str(int(number))) - 2)
