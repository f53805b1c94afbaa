"""The circuit breaker of a provider account: after a failure that is the account's fault and not a recipient's, no lane
takes its work for a while. No message loses a try by it."""

from __future__ import annotations

import logging

from django.db import connections

from delivery.channels.base import AccountProblem
from delivery.models import ProviderAccount

log = logging.getLogger("fanfare.delivery")


def open_circuit(account_id: int, problem: AccountProblem) -> None:
    """Stop the account for 15 s, doubling up to 5 min. Where the provider said how long (Retry-After), wait that long
    (1 s to 1 h) and don't count it as a failure."""
    with connections["engine"].cursor() as cursor:
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


def close_circuit(account: ProviderAccount) -> None:
    if account.failures or account.last_problem:
        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_provideraccount SET failures = 0, last_problem = '', retry_at = NULL WHERE id = %s",
                [account.pk],
            )
