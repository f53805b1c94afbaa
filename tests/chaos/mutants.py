"""The safeties, each taken away in turn: what the harness must notice. Switches of the harness, not of the product."""

from __future__ import annotations

from delivery.channels.base import Outcome, Result
from delivery.sending import gate, recovering, settling


def _without(module, name: str, *changes: tuple[str, str]) -> None:
    text = getattr(module, name)
    for old, new in changes:
        if old not in text:
            raise SystemExit(f"The mutant does not fit any more: {old!r} is not in {module.__name__}.{name}")
        text = text.replace(old, new)
    setattr(module, name, text)


def no_token() -> None:
    """A worker that lost its lease goes on as if it had it."""
    _without(gate, "PASS", ("l.token = %(token)s AND l.until > now()", "true"))
    for name in ("ACCEPTED", "OTHERS"):
        _without(settling, name, ("AND l.token = %(token)s", ""))


def requeue_the_handed() -> None:
    """Recovery by time alone: whatever a dead worker had in hand is sent again."""

    def reap() -> int:
        from django.db import connections

        with connections["engine"].cursor() as cursor:
            cursor.execute(
                "UPDATE delivery_lease SET state = 0, until = NULL, handed = low, token = nextval('delivery_fence') "
                "WHERE state = 1 AND until < now()"
            )
            return cursor.rowcount

    recovering.reap = reap


def retry_the_unknown() -> None:
    """A lost reply is taken for a refusal."""
    real = settling.settle

    def settle(lease, outcomes):
        hopeful = Outcome(Result.LATER, "temporary")
        real(lease, [(n, hopeful if outcome.result is Result.UNKNOWN else outcome) for n, outcome in outcomes])

    settling.settle = settle


def no_consent() -> None:
    """Who may be written to is asked when the batch is filled, and not again."""
    _without(gate, "PASS", ("{forbidden} AS forbidden", "CASE WHEN c.id IS NULL THEN 'deleted' END AS forbidden"))


def no_kill() -> None:
    """The kill switch is read by nobody who sends."""
    _without(gate, "PASS", (f"AND NOT {gate.KILLED}", ""))


MUTANTS = {
    function.__name__.replace("_", "-"): function
    for function in (no_token, requeue_the_handed, retry_the_unknown, no_consent, no_kill)
}
