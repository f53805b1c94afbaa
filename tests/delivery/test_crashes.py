"""kill -9 while sending, a database that goes away: nobody gets a message twice or is forgotten, few are unknown."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from campaigns import sending
from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching
from delivery.models import Batch
from delivery.sending import recovering
from kernel import embedded_postgres
from kernel.tenancy import scope
from tests import database, factories
from tests.delivery.batches import check_sums, expire, hurry, start
from tests.delivery.smtp import Mailbox, serving

PEOPLE = 400
LANE = """
import django; django.setup()
from delivery.sending import lane, lease_runner
lease_runner.START_WITHIN = 60.0  # as in conftest.py, for this process
while lane.run(budget=60): pass
"""


class Slow(Mailbox):
    async def handle_DATA(self, server, session, envelope):
        import asyncio

        await asyncio.sleep(0.01)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def under_way(acme):
    with serving(Slow()) as (mailbox, port):
        with scope(acme):
            factories.smtp_account(port)
            factories.contacts(PEOPLE)
            batch = sending.start(factories.campaign().pk).first_batch
        while not batching.fill(batch.pk):
            pass
        yield batch, mailbox


def start_lane() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", LANE], env=os.environ, start_new_session=True, stderr=subprocess.DEVNULL
    )


def wait_until(mailbox, n: int) -> None:
    deadline = time.monotonic() + 180
    while len(mailbox.taken) < n:
        assert time.monotonic() < deadline, f"{len(mailbox.taken)} of {n} messages in 3 minutes"
        time.sleep(0.01)


def finish(batch, send_all) -> Batch:
    expire()
    recovering.reap()
    hurry(batch)
    return send_all(batch)


def check_the_oracle(batch, mailbox, kills: int) -> None:
    """Compare the server's own log with the database."""
    assert batch.state == Batch.State.FINISHED
    arrived = mailbox.addresses()
    assert len(arrived) == len(set(arrived)), "written to twice"
    tallies = check_sums(batch)
    unknown = tallies.get("unknown", 0)
    assert tallies["accepted"] + unknown == PEOPLE, "somebody was forgotten"
    assert tallies["accepted"] <= len(arrived) <= tallies["accepted"] + unknown
    assert unknown <= kills * settings.SUB_BATCH


def test_workers_killed_in_the_middle(under_way, send_all):
    batch, mailbox = under_way
    kills = 3
    for n in range(kills):
        lane = start_lane()
        wait_until(mailbox, (n + 1) * 60)
        os.killpg(lane.pid, signal.SIGKILL)
        lane.wait()
        expire()
        recovering.reap()
    check_the_oracle(finish(batch, send_all), mailbox, kills)


def test_the_database_restarted_in_the_middle(under_way, send_all):
    if not database.is_embedded():
        pytest.skip("this server is not ours to restart")
    batch, mailbox = under_way
    lane = start_lane()
    wait_until(mailbox, 60)
    connections.close_all()
    embedded_postgres.stop(database.HOME, "immediate")
    embedded_postgres.ensure_running(database.HOME, fast_and_unsafe=True)
    lane.wait(180)
    check_the_oracle(finish(batch, send_all), mailbox, 1)


def test_a_kill_between_gate_and_call_is_doubt_not_a_second_message(under_way, send_all):
    """The tightest race: killed at the moment when the first message of a sub-batch has arrived."""
    batch, mailbox = under_way
    lane = start_lane()
    wait_until(mailbox, 1)
    os.killpg(lane.pid, signal.SIGKILL)
    lane.wait()
    with scope(batch.workspace_id):
        assert not batch.tallies().get("accepted") or len(mailbox.taken) > 1
    check_the_oracle(finish(batch, send_all), mailbox, 1)


@pytest.mark.parametrize("is_told", [False, True])
def test_a_death_between_the_end_and_its_news_loses_neither(acme, run_jobs, monkeypatch, is_told):
    """The campaign would be under way for ever if the batch had ended and nobody had been told."""
    batch = start(acme, n=1)
    with scope(acme):
        Contact.objects.update(deleted_at=timezone.now())
    batching.fill(batch.pk)
    real = recovering.publish

    def die(event):
        if is_told:
            real(event)
        raise SystemExit

    monkeypatch.setattr(recovering, "publish", die)
    with pytest.raises(SystemExit):
        recovering.finish_if_done(batch.pk)
    monkeypatch.setattr(recovering, "publish", real)
    with scope(acme):
        assert Batch.objects.get(pk=batch.pk).finished_at is None
    assert recovering.finish_if_done(batch.pk)
    run_jobs()
    with scope(acme):
        assert Campaign.objects.get().state == Campaign.State.SENT
