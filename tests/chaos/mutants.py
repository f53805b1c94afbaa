"""The safeties, each removed in turn, which the oracle must notice. Switches of the harness, not of the product."""

from __future__ import annotations

from delivery.channels.base import Outcome, Result
from delivery.models import Lease
from delivery.sending import gate, recovering, settling


def _without(module, name: str, *changes: tuple[str, str]) -> None:
    text = getattr(module, name)
    for old, new in changes:
        if old not in text:
            raise SystemExit(f"The mutant does not fit any more: {old!r} is not in {module.__name__}.{name}")
        text = text.replace(old, new)
    setattr(module, name, text)


def no_token() -> None:
    """A worker that lost its lease goes on as if it still had it."""
    _without(gate, "PASS", ("l.token = %(token)s AND l.until > now()", "true"))
    for name in ("ACCEPTED", "OTHERS"):
        _without(settling, name, ("AND l.token = %(token)s", ""))


def requeue_the_handed() -> None:
    """Recovery by time alone: what a dead worker had handed out is sent again."""

    def reap() -> int:
        from django.db import connections

        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_lease SET state = %s, until = NULL, handed = low, token = nextval('delivery_fence') "
                "WHERE state = %s AND until < now()",
                [int(Lease.State.FREE), int(Lease.State.TAKEN)],
            )
            return cursor.rowcount

    recovering.reap = reap


def retry_the_unknown() -> None:
    """A lost reply is treated as a temporary refusal."""
    real = settling.settle

    def settle(lease, outcomes):
        hopeful = Outcome(Result.LATER, "temporary")
        real(lease, [(n, hopeful if outcome.result is Result.UNKNOWN else outcome) for n, outcome in outcomes])

    settling.settle = settle


def no_consent() -> None:
    """Consent is checked when the batch is filled, and not again at the gate."""
    _without(gate, "PASS", ("{forbidden} AS forbidden", "CASE WHEN c.id IS NULL THEN 'deleted' END AS forbidden"))


def no_kill() -> None:
    """The gate ignores the kill switch."""
    _without(gate, "PASS", (f"AND NOT {gate.KILLED}", ""))


MUTANTS = {
    function.__name__.replace("_", "-"): function
    for function in (no_token, requeue_the_handed, retry_the_unknown, no_consent, no_kill)
}
