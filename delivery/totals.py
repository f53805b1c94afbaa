"""What tallies say about several batches together. A message that another batch tried again counts there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from delivery.models import Tally
from delivery.models.message import RETRIED

Key = TypeVar("Key")
Facts = Counter[tuple[str, str]]  # by fact and reason


def of_each(groups: Mapping[Key, Iterable[int]]) -> dict[Key, Facts]:
    """The facts of each group of batches, given by ids: one query for all."""
    group_of = {batch_id: key for key, batches in groups.items() for batch_id in batches}
    rows: dict[Key, list[tuple[int, str, str, int]]] = {key: [] for key in groups}
    found = Tally.objects.filter(batch_id__in=group_of)
    for row in found.values_list("batch_id", "fact", "reason", "n"):
        rows[group_of[row[0]]].append(row)
    return {key: _summed(of_group) for key, of_group in rows.items()}


def of_batches(batches: Iterable[int]) -> Facts:
    return of_each({None: batches})[None]


def by_fact(facts: Facts) -> Counter[str]:
    """{planned, accepted, skipped, failed, unknown, cancelled, expired, opened, clicked, ...: how many}"""
    totals: Counter[str] = Counter()
    for (fact, _reason), n in facts.items():
        totals[fact] += n
    return totals


def by_reason(facts: Facts) -> dict[str, list[tuple[str, int]]]:
    """{fact: [(reason, how many)]}, the most frequent reason first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for (fact, reason), n in facts.items():
        if reason and n > 0:
            found.setdefault(fact, []).append((reason, n))
    return {fact: sorted(rows, key=lambda row: -row[1]) for fact, rows in found.items()}


def _summed(rows: list[tuple[int, str, str, int]]) -> Facts:
    planned = {batch_id: n for batch_id, fact, _reason, n in rows if fact == "planned"}
    facts: Facts = Counter()
    for _batch_id, fact, reason, n in rows:
        facts[fact, reason] += n
        if reason.startswith(RETRIED):
            # So many of them are planned once more, in the retry. Fewer than were to be retried while it is being
            # filled, and where people have been deleted since.
            again = min(n, planned.get(int(reason.removeprefix(RETRIED)), 0))
            facts[fact, reason] -= again
            facts["planned", ""] -= again
    return facts
