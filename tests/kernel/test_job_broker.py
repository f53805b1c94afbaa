"""Claims on queued jobs, as the processes of several clusters make them."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ

from kernel.job_broker import CLUSTER_ID, MAX_CLAIMS, Broker, own_key
from kernel.models import JobClaim


@pytest.fixture
def cluster(monkeypatch):
    """cluster("a") is a broker in a process of cluster a: the next call makes this process one of another."""

    def broker_of(name: str) -> Broker:
        monkeypatch.setenv(CLUSTER_ID, name)
        return Broker("bulk")

    return broker_of


def payloads(broker: Broker) -> list[str]:
    return [payload for _, payload in broker.dequeue()]


def test_jobs_come_in_their_order_the_watchdogs_first(db, cluster):
    Broker("bulk").enqueue("first")
    Broker("bulk").enqueue("second")
    Broker("imports").enqueue("of another queue")
    Broker(own_key("bulk", "a")).enqueue("are you well?")
    Broker(own_key("bulk", "b")).enqueue("are you well, b?")
    broker = cluster("a")
    assert [payloads(broker) for _ in range(4)] == [["are you well?"], ["first"], ["second"], []]


def test_a_job_is_claimed_by_one_cluster(db, cluster):
    job = Broker("bulk").enqueue("job")
    assert payloads(cluster("a")) == ["job"]
    assert payloads(cluster("b")) == []
    claim = JobClaim.objects.get(pk=job)
    assert (claim.cluster, claim.queue, claim.claims) == ("a", "bulk", 1)


def test_two_pushers_at_once_do_not_wait_for_each_other(db, cluster):
    Broker("bulk").enqueue("first")
    Broker("bulk").enqueue("second")
    with connections["owner"].cursor() as other:
        other.execute("BEGIN")
        other.execute("SELECT id FROM django_q_ormq ORDER BY id LIMIT 1 FOR UPDATE")
        try:
            assert payloads(cluster("a")) == ["second"]
        finally:
            other.execute("ROLLBACK")


def test_a_job_that_is_done_is_gone(db, cluster):
    job = Broker("bulk").enqueue("job")
    broker = cluster("a")
    broker.dequeue()
    broker.start(job)
    broker.acknowledge(job)
    assert not OrmQ.objects.exists() and not JobClaim.objects.exists()


def test_a_cluster_that_lost_its_claim_acknowledges_nothing(db, cluster):
    job = Broker("bulk").enqueue("job")
    slow = cluster("slow")
    slow.dequeue()
    OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
    assert payloads(cluster("b")) == ["job"]
    cluster("slow").acknowledge(job)
    assert OrmQ.objects.filter(pk=job).exists()
    assert JobClaim.objects.get(pk=job).cluster == "b"


def test_a_job_that_failed_waits(db, cluster):
    job = Broker("bulk").enqueue("job")
    broker = cluster("a")
    broker.dequeue()
    broker.put_back(job)
    assert payloads(broker) == []
    assert OrmQ.objects.get(pk=job).lock > timezone.now() + timedelta(seconds=30)


def test_a_job_that_kills_its_process_again_and_again_is_dropped(db, cluster):
    Broker("bulk").enqueue("poison")
    broker = cluster("a")
    for _ in range(MAX_CLAIMS):
        assert payloads(broker) == ["poison"]
        OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
    assert payloads(broker) == []
    assert not OrmQ.objects.exists()


def test_a_job_is_due_by_the_databases_clock(db, cluster, monkeypatch):
    """The clock of the machine that enqueues may be wrong by hours."""
    monkeypatch.setattr(timezone, "now", lambda: timezone.datetime(2099, 1, 1, tzinfo=timezone.get_default_timezone()))
    Broker("bulk").enqueue("job")
    assert payloads(cluster("a")) == ["job"]
