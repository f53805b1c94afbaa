"""A template that is harmless for the first people and costly for others harms its own campaign only."""

import signal
import time

import pytest

from accounts.models import Notification
from contacts.models import Contact
from delivery import batching
from delivery.channels.email.channel import Email
from delivery.models import Batch, Message, Tally
from delivery.sending import lane, lease_runner, making, recovering
from kernel.tenancy import scope
from templates_app import merging
from templates_app.merging import metering
from tests import factories
from tests.budgets import costly_texts
from tests.delivery.batches import check_sums, start

COSTLY = costly_texts.FOUND["a loop over very much"]


def hidden(text: str) -> str:
    """Costly for people called Boom only, in a way that no check of the content tries."""
    tags = f"{{% assign n = first_name | size %}}{{% if n == 4 %}}{text}{{% endif %}}"
    return factories.HTML.replace("</body>", f"{tags}</body>")


def with_booms(workspace, text: str, n: int, **fields) -> Batch:
    batch = start(workspace, n=3, html=hidden(text), **fields)
    with scope(workspace):
        booms = [Contact(email=f"b{i}@x.example", first_name="Boom", status="subscribed") for i in range(n)]
        Contact.objects.bulk_create(booms)
    return batch


def fill(*batches: Batch) -> None:
    for batch in batches:
        while not batching.fill(batch.pk):
            pass


@pytest.mark.parametrize("name", ["a loop over very much", "replacing letters by texts", "a range as a text"])
def test_only_the_costly_messages_fail(acme, send_all, states, name):
    batch = send_all(with_booms(acme, costly_texts.FOUND[name], 2))
    found = states(batch)
    assert [found[f"p{n}@example.com"] for n in range(3)] == [("accepted", "")] * 3
    assert [found[f"b{n}@x.example"] for n in range(2)] == [("failed", making.COSTLY)] * 2
    with scope(acme):
        detail = Message.objects.filter(batch=batch, reason=making.COSTLY).first().detail
    assert "loop" in detail or "filter" in detail


def test_a_batch_of_costly_messages_is_held_and_another_workspace_gets_its_mail(acme, beta, alice, run_jobs):
    costly = with_booms(acme, COSTLY, 60, created_by=alice)
    ordinary = start(beta, n=300)
    fill(costly, ordinary)
    while lane.run(budget=10):
        pass
    assert check_sums(ordinary) == {"planned": 300, "accepted": 300}
    with scope(acme):
        costly.refresh_from_db()
    assert costly.is_paused and "take too long to make" in costly.problem
    tallies = check_sums(costly)
    assert tallies["failed"] >= making.MAX_COSTLY and not tallies.get("unknown")
    assert batching.open_count(tallies) > 0, "the others were not tried in vain"
    run_jobs()
    with scope(acme):
        assert Notification.objects.filter(title__contains="paused").exists()


def test_costly_messages_of_earlier_lanes_count(acme, send_all):
    batch = with_booms(acme, COSTLY, making.MAX_COSTLY + 5)
    with scope(acme):
        Tally.objects.create(batch=batch, fact="failed", reason=making.COSTLY, n=making.MAX_COSTLY * 3 - 2)
    batch = send_all(batch)
    assert batch.is_paused
    with scope(acme):
        assert Message.objects.filter(batch=batch, reason=making.COSTLY).count() < making.MAX_COSTLY


def test_what_the_budget_misses_is_interrupted(acme, send_all, states, monkeypatch):
    """As if a filter had been forgotten: the process's own clock ends it."""

    def for_ever(_value):
        while True:
            pass

    monkeypatch.setitem(merging.language._HTML.filters, "upcase", for_ever)
    monkeypatch.setattr(making, "TICK", 0.02)
    batch = send_all(with_booms(acme, "{{ first_name | upcase }}", 1))
    found = states(batch)
    assert found["b0@x.example"] == ("failed", making.COSTLY) and found["p0@example.com"] == ("accepted", "")
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_content_that_can_not_be_compiled_is_tried_once(acme, send_all, states, monkeypatch):
    batch = start(acme, n=5)
    calls = []

    def composer(*args, **kwargs):
        calls.append(args)
        raise merging.MergeError("no")

    monkeypatch.setattr(Email, "composer", composer)
    batch = send_all(batch)
    assert set(states(batch).values()) == {("failed", "render")} and len(calls) == 1


def test_dear_messages_make_their_account_rest():
    """Other accounts of the lane get three quarters of it."""
    pace = making.Pace()
    assert all(pace.rest_after(0.00002) == 0.0 for _ in range(50))
    assert pace.rest_after(0.02) == 0.0, "one that was slow by chance, on a busy machine"
    for _ in range(50):
        rest = pace.rest_after(0.01)
    assert rest == pytest.approx(0.03)


def test_others_go_on_while_an_account_rests(acme, beta, monkeypatch):
    """Both are worked on by one event loop. Making one's messages takes 50 ms each, the other's no time."""
    slow, quick = start(acme, n=40), start(beta, n=40)
    fill(slow, quick)
    ended, compose = {}, lane.BatchWork.compose

    def timed(work, person):
        if work.batch.pk == slow.pk:
            until = time.thread_time() + 0.05
            while time.thread_time() < until:
                pass
        ended[work.batch.pk] = time.monotonic()
        return compose(work, person)

    monkeypatch.setattr(lane.BatchWork, "compose", timed)
    while lane.run(budget=20):
        pass
    assert ended[quick.pk] < ended[slow.pk]
    assert check_sums(slow)["accepted"] == check_sums(quick)["accepted"] == 40


def test_a_message_whose_time_is_over_is_not_made(acme, monkeypatch, send_all):
    """Making it would be in vain, and may take long."""
    batch = start(acme, n=3)
    fill(batch)
    made = []
    monkeypatch.setattr(lane.BatchWork, "compose", lambda work, person: made.append(person))
    monkeypatch.setattr(lease_runner, "START_WITHIN", -1.0)
    lane.run(budget=2)
    assert made == [] and batching.open_count(check_sums(batch)) == 3
    recovering.finish_if_done(batch.pk)


def test_the_budget_of_time_is_what_it_says():
    assert metering.MAX_SECONDS < making.TICK * making.MAX_TICKS
