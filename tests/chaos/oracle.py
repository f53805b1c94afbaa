"""What must hold after the attack, judged from the server's log and the database alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from delivery import batching
from delivery.models import Message
from delivery.sending.lease_runner import START_WITHIN

SLACK = 0.6  # seconds from the start of a call to the server's log

State = Message.State


@dataclass
class Verdict:
    lost: int
    doubled: int
    unknown: int
    unknown_bound: int
    late_kills: int
    late_consents: int
    miscounted: list[str] = field(default_factory=list)
    kill_latencies: list[float] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        wrong = self.lost or self.doubled or self.late_kills or self.late_consents or self.miscounted
        return not wrong and self.unknown <= self.unknown_bound

    def __str__(self) -> str:
        return f"lost={self.lost} doubled={self.doubled} unknown={self.unknown} of at most {self.unknown_bound}"


def judge(
    batches,
    log: Path,
    *,
    unknown_bound: int,
    kills: list[tuple[float, float]],
    opt_outs: dict[str, float],
    slack: float,
) -> Verdict:
    """Judge the run. All times are time.time(). `kills`: when the kill switch was on (from, to). `opt_outs`: when each
    unsubscribe had committed, by address. `slack`: seconds by which the log may be late."""
    arrivals: dict[str, list[float]] = {}
    for line in log.read_text().splitlines():
        address, at = line.split()
        arrivals.setdefault(address, []).append(float(at))
    states, twice = _states(batches)
    accepted = {address for address, state in states.items() if state == State.ACCEPTED}
    unknown = {address for address, state in states.items() if state == State.UNKNOWN}
    counted = Counter(State(state).name.lower() for state in states.values())
    forgotten = [address for address, state in states.items() if state == State.QUEUED]
    strangers = set(arrivals) - accepted - unknown
    latencies = sorted(
        at - begun for times in arrivals.values() for at in times for begun, end in kills if begun < at < end
    )
    return Verdict(
        lost=len(accepted - set(arrivals)) + len(forgotten) + len(strangers),
        doubled=sum(len(times) - 1 for times in arrivals.values()) + twice,
        unknown=len(unknown),
        unknown_bound=unknown_bound,
        late_kills=sum(latency > 1.0 + slack for latency in latencies),
        late_consents=sum(
            at > opt_outs[address] + START_WITHIN + slack for address in opt_outs for at in arrivals.get(address, ())
        ),
        miscounted=_miscounted(batches, counted),
        kill_latencies=latencies,
        states=dict(counted),
    )


def _states(batches) -> tuple[dict[str, int], int]:
    """(state by address, how many messages are for somebody whom another batch has, too)"""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.email, m.state FROM delivery_message m JOIN contacts_contact c ON c.id = m.contact_id "
            "WHERE m.batch_id = ANY(%s)",
            [_ids(batches)],
        )
        rows = cursor.fetchall()
    states = dict(rows)
    return states, len(rows) - len(states)


def _ids(batches) -> list[int]:
    return [batch.pk for batch in batches]


def _miscounted(batches, counted: Counter) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT fact, sum(n) FROM delivery_tally WHERE batch_id = ANY(%s) GROUP BY 1", [_ids(batches)])
        tallies = dict(cursor.fetchall())
    wrong = []
    for state, fact in batching.FACT_OF_STATE.items():
        if tallies.get(fact, 0) != counted.get(state.name.lower(), 0):
            wrong.append(f"{fact}: {tallies.get(fact, 0)} counted, {counted.get(state.name.lower(), 0)} there")
    if tallies.get("planned", 0) != sum(counted.values()):
        wrong.append(f"planned: {tallies.get('planned', 0)} counted, {sum(counted.values())} there")
    return wrong
