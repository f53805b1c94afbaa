"""Token buckets in PostgreSQL. Lanes take several tokens at once; with any number of lanes, a limit is kept exactly.

Nothing sleeps on an empty bucket: the account or the workspace is skipped until a token is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections

# `at` is read before the wait for the row lock. With greatest(), time never runs backwards, and no token comes in
# twice.
TAKE = """
INSERT INTO delivery_bucket AS b (key, rate, capacity, wanted, tokens, granted, at)
SELECT key, rate, capacity, wanted, capacity - least(wanted, floor(capacity)), least(wanted, floor(capacity)),
       clock_timestamp()
FROM unnest(%(keys)s::text[], %(rates)s::float8[], %(capacities)s::float8[], %(wanted)s::int[])
     AS u(key, rate, capacity, wanted)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    granted = least(excluded.wanted, floor(LEFT_NOW)), tokens = LEFT_NOW - least(excluded.wanted, floor(LEFT_NOW)),
    rate = excluded.rate, capacity = excluded.capacity, wanted = excluded.wanted, at = greatest(b.at, excluded.at)
RETURNING key, granted, tokens
""".replace(
    "LEFT_NOW",
    "least(excluded.capacity, b.tokens + greatest(0, extract(epoch FROM excluded.at - b.at)) * excluded.rate)",
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum rate. `key` names the bucket, `holder` ("account" or "workspace") what is skipped while it is empty."""

    key: str
    per_second: float
    burst_seconds: float = 1.0
    holder: str = "account"

    @property
    def capacity(self) -> float:
        return max(1.0, self.per_second * self.burst_seconds)


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may be sent now. If none: which limit prevents it, and for how many seconds."""

    n: int
    limit: Limit | None = None
    wait: float = 0.0


def take(limits: list[Limit], wanted: int) -> Grant:
    """Take tokens from all the buckets. What one gives more than another is put back."""
    if not limits:
        return Grant(wanted)
    rows = _take(limits, [wanted] * len(limits))
    n = min(granted for granted, _ in rows.values())
    spare = {limit.key: rows[limit.key][0] - n for limit in limits if rows[limit.key][0] > n}
    put_back(spare)
    if n:
        return Grant(n)
    tightest = max(limits, key=lambda limit: (1 - rows[limit.key][1]) / limit.per_second)
    return Grant(0, tightest, max(0.05, (1 - rows[tightest.key][1]) / tightest.per_second))


def take_each(wanted: dict[Limit, int]) -> dict[Limit, int]:
    """Take tokens from several buckets, independently of one another."""
    rows = _take(list(wanted), list(wanted.values()))
    return {limit: rows[limit.key][0] for limit in wanted}


def put_back(tokens: dict[str, int]) -> None:
    """Put back tokens that were not used, by key of the bucket."""
    if tokens:
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_bucket b SET tokens = least(b.capacity, b.tokens + u.n) "
                "FROM unnest(%s::text[], %s::int[]) AS u(key, n) WHERE b.key = u.key",
                [list(tokens), list(tokens.values())],
            )


def _take(limits: list[Limit], wanted: list[int]) -> dict[str, tuple[int, float]]:
    params: dict[str, Any] = {
        "keys": [limit.key for limit in limits],
        "rates": [limit.per_second for limit in limits],
        "capacities": [limit.capacity for limit in limits],
        "wanted": wanted,
    }
    with connections["engine"].cursor() as cursor:
        cursor.execute(TAKE, params)
        return {key: (granted, tokens) for key, granted, tokens in cursor.fetchall()}
