"""Counts of a batch's messages by fact and reason: raised in the statements and transactions that change the messages.

Each in one statement and the order of the keys: lanes and folding would deadlock. Facts by day come after them.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

RAISE = """
INSERT INTO delivery_tally AS t (workspace_id, batch_id, fact, reason, n)
SELECT workspace_id, batch_id, fact, reason, sum(n) FROM ({changes}) changes
GROUP BY workspace_id, batch_id, fact, reason HAVING sum(n) <> 0 ORDER BY workspace_id, batch_id, fact, reason
ON CONFLICT (workspace_id, batch_id, fact, reason) DO UPDATE SET n = t.n + excluded.n
"""

GIVEN = RAISE.format(
    changes="SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[]) "
    "AS u(workspace_id, batch_id, fact, reason, n)"
)


def raise_in_sql(changes: str) -> str:
    """The statement that raises tallies, for use in a larger one: a row for each tally that it has raised. `changes`:
    SQL that selects (workspace_id, batch_id, fact, reason, n)."""
    return f"{RAISE.format(changes=changes)}RETURNING 1"


def add(cursor: CursorWrapper, workspace_id: int, batch_id: int, facts: Mapping[tuple[str, str], int]) -> None:
    """Add to the batch's tallies, in the transaction that changes the messages: {(fact, reason): n}."""
    add_of_all(cursor, {(workspace_id, batch_id, fact, reason): n for (fact, reason), n in facts.items()})


def add_of_all(cursor: CursorWrapper, facts: Mapping[tuple[int, int, str, str], int]) -> None:
    """The same of several batches: {(workspace's id, batch's id, fact, reason): n}."""
    rows = [(*key, n) for key, n in facts.items() if n]
    if rows:
        cursor.execute(GIVEN, [list(column) for column in zip(*rows, strict=True)])
