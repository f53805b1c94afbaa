"""The circuit breaker of a provider account: after a failure that is the account's fault and not a recipient's, no lane
takes its work for a while. No message loses a try by it."""

from __future__ import annotations

import json
import logging

from django.db import connections

from delivery.channels.base import AccountProblem
from delivery.models import ProviderAccount

log = logging.getLogger("fanfare.delivery")


# Seconds between two tries while a limit is used up. When it will be over is known only roughly: Gmail says "within 1
# to 24 hours". A try costs one refusal.
TRY_EVERY = 3600.0
TRIES_IN_LIMIT = 4  # a shorter limit is tried so often


def open_circuit(account_id: int, problem: AccountProblem) -> None:
    """Stop the account for 15 s, doubling up to 5 min. Where the provider said how long (Retry-After), wait that long
    (1 s to 1 h) and don't count it as a failure. A sending limit that is used up is tried every hour, or four times."""
    with connections["engine"].cursor() as cursor:
        if problem.limit is not None:
            cursor.execute(
                "UPDATE delivery_provideraccount SET last_problem = %s, retry_at = now() + make_interval(secs => %s), "
                "limit_ends_at = CASE WHEN limit_ends_at > now() THEN limit_ends_at "
                "ELSE now() + make_interval(secs => %s) END WHERE id = %s",
                [str(problem)[:300], _next_try(problem.limit), problem.limit, account_id],
            )
            return
        if problem.wait is not None:
            cursor.execute(
                "UPDATE delivery_provideraccount SET last_problem = %s, retry_at = now() + make_interval(secs => %s) "
                "WHERE id = %s",
                [str(problem)[:300], min(max(problem.wait, 1.0), 3600.0), account_id],
            )
            return
        cursor.execute(
            "UPDATE delivery_provideraccount SET failures = failures + 1, last_problem = %s, retry_at = now() + "
            "make_interval(secs => least(300, 15 * 2 ^ least(failures, 5))) WHERE id = %s",
            [str(problem)[:300], account_id],
        )
    log.warning("provider account %s can't send", account_id)


def _next_try(limit: float) -> float:
    """Seconds until a limit that is over in `limit` seconds is tried."""
    return limit if limit <= 60 else min(TRY_EVERY, limit / TRIES_IN_LIMIT)


def record_offers(account: ProviderAccount, offers: dict) -> None:
    """Keep what the account's server offers: checklists count with it."""
    if offers != account.offers:
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_provideraccount SET offers = %s::jsonb WHERE id = %s", [json.dumps(offers), account.pk]
            )


def close_circuit(account: ProviderAccount) -> None:
    if account.failures or account.last_problem:
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_provideraccount SET failures = 0, last_problem = '', retry_at = NULL, "
                "limit_ends_at = NULL WHERE id = %s",
                [account.pk],
            )
