"""A restored or cloned database sends nothing and says so, until an operator confirms it."""

import json
import os
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from delivery import batching, jobs
from delivery.models import Deployment, Message
from delivery.sending import lane, leases, restore_guard
from delivery.sending.gate import Closed, pass_gate
from tests import factories
from tests.delivery.batches import check_sums, count_by_hand, start


@pytest.fixture
def filled(acme):
    batch = start(acme, n=20)
    batching.fill(batch.pk)
    jobs.tick()  # creates the database's row, and counts
    return batch


def change(sql, *params):
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, params)


def rewind():
    """What a disk snapshot put back in place does: the counter inside is older than the one outside."""
    for _ in range(3):
        restore_guard.advance_counter()
    change("UPDATE delivery_deployment SET epoch = 1")


def load_elsewhere():
    change("UPDATE delivery_deployment SET system_identifier = '42'")


def recover_to_a_point_in_time():
    change("UPDATE delivery_deployment SET timeline = timeline + 7")


def test_the_same_database_goes_on(filled, send_all):
    for _ in range(3):
        jobs.tick()
    assert restore_guard.may_send() and check_sums(send_all(filled))["accepted"] == 20
    outside = json.loads(Path(os.environ["EPOCH_FILE"]).read_text())
    assert outside["epoch"] == Deployment.objects.get().epoch > 3


@pytest.mark.parametrize("happening", [rewind, load_elsewhere, recover_to_a_point_in_time])
def test_a_copy_sends_nothing(filled, happening, alice, as_user):
    lease = leases.claim("w")
    happening()
    leases.release(lease, wait=0)
    assert lane.run(budget=60) is False
    assert count_by_hand(filled) == {Message.State.QUEUED: 20}
    lease = leases.claim("w")
    assert pass_gate(lease, rules=factories.RULES, size=5) is Closed.KILLED
    jobs.tick()
    assert not restore_guard.may_send(), "the hold does not end by itself"
    assert "restored or cloned" in as_user(alice).get("/w/acme/campaigns/").content.decode()
    alice.is_staff = alice.is_superuser = True
    alice.save()
    assert "restored or cloned" in as_user(alice).get("/admin/").content.decode()


def test_a_copy_under_another_name_sends_nothing(filled, settings):
    settings.DEPLOYMENT_ID = "staging"
    assert lane.run(budget=60) is False
    assert count_by_hand(filled) == {Message.State.QUEUED: 20}


def test_an_operator_gives_up_what_was_open(filled, capsys):
    rewind()
    lane.run(budget=60)
    with pytest.raises(CommandError):
        call_command("confirm_restore")
    call_command("confirm_restore", "--give-up-open")
    assert "20 open messages are listed as unknown" in capsys.readouterr().out
    jobs.tick()
    while lane.run(budget=60):
        pass
    assert check_sums(filled)["unknown"] == 20
    assert restore_guard.may_send()


def test_an_operator_lets_the_open_ones_go(filled, send_all):
    load_elsewhere()
    lane.run(budget=60)
    call_command("confirm_restore", "--send-open")
    assert check_sums(send_all(filled))["accepted"] == 20
    with pytest.raises(CommandError, match="nothing to confirm"):
        call_command("confirm_restore", "--send-open")


def test_counting_is_no_sign_of_a_restore(db):
    """Workers increase the counter while others read it: the one outside must never seem to be ahead."""
    restore_guard.may_send()
    stop = threading.Event()

    def count():
        try:
            while not stop.is_set():
                restore_guard.advance_counter()
        finally:
            connections.close_all()

    counters = [threading.Thread(target=count) for _ in range(3)]
    for thread in counters:
        thread.start()
    try:
        answers = {restore_guard.may_send() for _ in range(400)}
    finally:
        stop.set()
        for thread in counters:
            thread.join()
    assert answers == {True}


def test_a_new_database_beside_an_old_counter_is_no_restore(db):
    Path(os.environ["EPOCH_FILE"]).write_text(json.dumps({"identity": "another", "epoch": 10**9}))
    assert restore_guard.may_send()
