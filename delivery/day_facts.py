"""Facts by day: raised in the statements that raise tallies, read by one function.

Tallies come first and days last in each transaction, and each in one statement and the order of their keys: lanes and
folding would deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from delivery import mailbox_providers
from delivery.models import DayFact

# Counted by tallies only: `planned` is no event, and `refusals` are tries of messages that wait.
NOT_BY_DAY = ("planned", "refusals")

# `changes`: rows of (workspace_id, batch_id, contact_id, fact, n, units, cost). The batch and the contact of each are
# looked up (OFFSET 0), because PostgreSQL takes a new batch for one row and would read whole tables.
RAISE = f"""
INSERT INTO delivery_dayfact AS d (workspace_id, day, channel, account_id, mailbox, fact, n, units, cost)
SELECT f.workspace_id, (now() AT TIME ZONE 'UTC')::date, b.channel, b.account_id,
       {mailbox_providers.of_contact()} AS mailbox, f.fact, sum(f.n), sum(f.units), sum(f.cost)
FROM ({{changes}}) f
CROSS JOIN LATERAL (SELECT channel, account_id FROM delivery_batch WHERE id = f.batch_id OFFSET 0) b
LEFT JOIN LATERAL (SELECT email, phone FROM contacts_contact
                   WHERE id = f.contact_id AND workspace_id = f.workspace_id OFFSET 0) c ON true
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (workspace_id, day, channel, account_id, mailbox, fact)
DO UPDATE SET n = d.n + excluded.n, units = d.units + excluded.units, cost = d.cost + excluded.cost
"""  # noqa: S608  (parts of our own)

GIVEN = RAISE.format(
    changes="SELECT workspace_id, batch_id, contact_id, fact, 1 AS n, units, cost "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) "
    "AS u(workspace_id, batch_id, contact_id, fact, units, cost)"
)


#: What the provider counts for a message `m`.
COUNTED = "coalesce(m.units, 1) AS units, coalesce(m.cost, 0) AS cost"


class Change(NamedTuple):
    """Something became true of a contact's message, with what the provider counts for it."""

    contact_id: int
    fact: str
    units: int = 1
    cost: int = 0  # in millionths of the account's currency


def raise_in_sql(changes: str) -> str:
    """The statement that raises facts, for use in a larger one. `changes`: SQL that selects (workspace_id, batch_id,
    contact_id, fact, n, units, cost). It must refer to the raised tallies, so that it runs after them."""
    return RAISE.format(changes=changes)


def add(cursor: CursorWrapper, workspace_id: int, batch_id: int, changes: Iterable[Change]) -> None:
    """Raise facts of a batch's messages, in the transaction that changes them, after the tallies."""
    add_all(cursor, [(workspace_id, batch_id, change) for change in changes])


def add_all(cursor: CursorWrapper, changes: Iterable[tuple[int, int, Change]]) -> None:
    """The same of several batches: (workspace's id, batch's id, change)."""
    rows = [
        (workspace_id, batch_id, *change) for workspace_id, batch_id, change in changes if change.fact not in NOT_BY_DAY
    ]
    if rows:
        cursor.execute(GIVEN, [list(column) for column in zip(*rows, strict=True)])


class Facts(NamedTuple):
    n: int
    units: int
    cost: int  # in millionths of the account's currency


def read(since: date, until: date, *, by: tuple[str, ...] = ("day",), **where) -> dict[tuple, dict[str, Facts]]:
    """What happened in the active workspace from `since` to `until` (days in UTC, both included), as {key: {fact:
    Facts}}. `by` says what a key is made of: day, channel, account_id, mailbox. `where`: values of the same."""
    found: dict[tuple, dict[str, Facts]] = {}
    rows = DayFact.objects.filter(day__gte=since, day__lte=until, **where).values_list(*by, "fact")
    for *key, fact, n, units, cost in rows.annotate(Sum("n"), Sum("units"), Sum("cost")).order_by(*by, "fact"):
        found.setdefault(tuple(key), {})[fact] = Facts(n, units, cost)
    return found
