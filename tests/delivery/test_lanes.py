"""Many lanes, many workspaces, many accounts at once."""

import socket
import threading
import time

from django.db import connections

from delivery import batching
from delivery.models import Message
from delivery.providers.sandbox import provider
from delivery.sending import lane, lease_runner, leases
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, count_by_hand, hurry, start


def run_lanes(n: int) -> None:
    """Lanes in threads, until none of them finds anything that is due."""

    def work():
        try:
            while lane.run(budget=20):
                pass
        finally:
            connections.close_all()

    lanes = [threading.Thread(target=work) for _ in range(n)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()


def test_many_lanes_at_once_send_each_message_once(acme, mail_server, settings, monkeypatch):
    """Four lanes in threads, each with its own connections, on one batch, with the product's limit between gate and
    call: on a busy machine messages are not in time, go back, and are sent once all the same."""
    settings.LEASE_SIZE = 20
    monkeypatch.setattr(lease_runner, "START_WITHIN", 0.9)
    mailbox, port = mail_server
    batch = start(acme, n=300, port=port)
    batching.fill(batch.pk)
    deadline = time.monotonic() + 120
    while Message.State.QUEUED in count_by_hand(batch):
        assert time.monotonic() < deadline, count_by_hand(batch)
        hurry(batch)
        run_lanes(4)
    assert mailbox.addresses() == sorted(f"p{i}@example.com" for i in range(300))
    assert check_sums(batch)["accepted"] == 300


def test_calls_stop_within_a_second_of_the_gate(filled, monkeypatch, acme):
    """A provider becomes slow: messages that have not started in time go back, so that the kill switch takes effect."""
    monkeypatch.setattr(lease_runner, "START_WITHIN", 2.0)
    monkeypatch.setattr(provider, "AT_ONCE", 1)
    real = provider.SandboxTransport._keep

    def slow(self, taken):
        """Until the others' time is over, however fast the machine is."""
        time.sleep(max(0.0, taken[0].latest - time.monotonic()) + 0.01)
        return real(self, taken)

    monkeypatch.setattr(provider.SandboxTransport, "_keep", slow)
    lane.run(budget=60)
    counted = count_by_hand(filled)
    assert counted[Message.State.ACCEPTED] == 1
    with scope(acme):
        waiting = Message.objects.filter(batch=filled, round=1, state=Message.State.QUEUED, tries=0)
        assert waiting.count() == 49


def test_a_small_workspace_is_not_held_up_by_a_large_one(acme, beta, settings):
    settings.LEASE_SIZE = 10
    large = start(acme, n=200)
    while not batching.fill(large.pk):
        pass
    assert leases.claim("w").workspace_id == acme.pk
    small = start(beta, n=20)
    batching.fill(small.pk)
    served = [leases.claim("w").workspace_id for _ in range(4)]
    assert served == [beta.pk, acme.pk, beta.pk, acme.pk]


def test_what_is_urgent_goes_before_campaigns(acme, beta, settings):
    settings.LEASE_SIZE = 10
    for workspace in (acme, beta):
        batch = start(workspace, n=30)
        batching.fill(batch.pk)
    leases.claim("w")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET urgent = true WHERE id = (SELECT max(id) FROM delivery_lease)")
        cursor.execute("SELECT max(id) FROM delivery_lease")
        urgent = cursor.fetchone()[0]
    assert leases.claim("w").id == urgent


def test_one_lane_works_on_several_accounts_at_a_time(acme, beta, mail_server, settings):
    """A server that hangs delays only its own campaign."""
    settings.SMTP_TIMEOUT = 120
    mailbox, port = mail_server
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stuck = start(acme, n=3, port=silent.getsockname()[1])
        quick = start(beta, n=40, port=port)
        for batch in (stuck, quick):
            batching.fill(batch.pk)
        working = threading.Thread(target=run_lanes, args=(1,))
        working.start()
        deadline = time.monotonic() + 60
        while len(mailbox.taken) < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        sent_meanwhile, still_hangs = len(mailbox.taken), working.is_alive()
    working.join()  # closed, the silent server lets go of its campaign
    assert sent_meanwhile == 40 and still_hangs
    assert count_by_hand(stuck) == {Message.State.QUEUED: 3}
