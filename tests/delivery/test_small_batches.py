"""A batch of one (a confirmation, a test, a step of an automation) costs few statements and no job of its own."""

from contextlib import ExitStack, contextmanager

import pytest
from django.db import connections
from django_q.models import OrmQ

from contacts.models import Contact
from delivery import jobs, service_mails
from delivery.models import Batch, Lease, Message, WorkspaceQueue
from delivery.sending import leases, recovering
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import check_sums


@contextmanager
def counted():
    """The statements that are executed meanwhile, on any connection."""
    found = []

    def count(execute, sql, params, many, context):
        found.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in ("default", "engine"):
            stack.enter_context(connections[alias].execute_wrapper(count))
        yield found


def confirm(contact: Contact) -> None:
    personal = {"address": "https://x.example/"}
    service_mails.send("preferences", contact, name="Hi", subject="Hi", language="en", personal=personal)


#: For this service mail: 8 to open it, 12 to fill it, 4 to end it, and three jobs.
STATEMENTS_BEFORE = 24


def queue() -> list[str]:
    return sorted(OrmQ.objects.values_list("key", flat=True))


@pytest.fixture
def people(acme):
    """Two contacts of a workspace that has sent this mail before."""
    with scope(acme):
        found = factories.contacts(3)
        for person in found:
            person.workspace = acme
        confirm(found.pop())
        Batch.objects.all().delete()
    OrmQ.objects.all().delete()
    return found


def test_a_confirmation_costs_a_third_of_the_statements_and_one_job(acme, people, send_all, states):
    with counted() as opening, scope(acme):
        confirm(people[0])
        batch = Batch.objects.get()
    assert queue() == ["bulk"]  # a lane, and nothing that fills
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET state = %s", [int(Lease.State.DONE)])
    with counted() as ending:
        assert recovering.finish_if_done(batch.pk)
    assert len(ending) == 1
    assert queue() == ["bulk"]  # nobody is told
    # Without the brand's: the mail that was measured before had no look to read.
    ours = [sql for sql in opening if "set_config" not in sql and 'FROM "templates_app_brand"' not in sql]
    assert len(ours) - 1 + len(ending) <= STATEMENTS_BEFORE / 3, ours  # one is this test's own


def test_a_burst_asks_for_one_lane(acme, people):
    for person in people * 5:
        with scope(acme):
            confirm(person)
    assert queue() == ["bulk"]


def test_it_is_sent_once(acme, people, send_all, states, mail_server):
    mailbox, port = mail_server
    with scope(acme):
        factories.smtp_account(port)
        confirm(people[0])
        batch = Batch.objects.get()
        assert batch.state == Batch.State.SENDING and batch.filled_at is not None
    jobs.fill_batch(batch_id=batch.pk)  # as the tick of an older version may ask for
    batch = send_all(batch)
    assert mailbox.addresses() == ["p0@example.com"]
    assert batch.state == Batch.State.FINISHED and check_sums(batch)["accepted"] == 1


def test_where_the_opening_fails_nothing_is_left(acme, people):
    def fail():
        with scope(acme):
            confirm(people[0])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with scope(acme):
        assert not Batch.objects.exists() and not Message.objects.exists() and not Lease.objects.exists()
    assert queue() == []


def test_a_lost_nudge_is_made_up_for(acme, people):
    """Killed between the commit and the nudge: the tick finds the work."""
    with scope(acme):
        confirm(people[0])
    OrmQ.objects.all().delete()
    jobs.tick()
    assert "bulk" in queue()


def test_one_to_nobody_who_may_be_written_to_ends_at_once(acme, people, run_jobs):
    with scope(acme):
        Contact.objects.filter(pk=people[0].pk).update(status="bounced")
        confirm(people[0])
        batch = Batch.objects.get()
    run_jobs()
    with scope(acme):
        batch.refresh_from_db()
        assert batch.state == Batch.State.FINISHED
    assert check_sums(batch)["skipped"] == 1


def test_a_workspace_that_has_never_sent_is_served(acme, people):
    with scope(acme):
        WorkspaceQueue.objects.all().delete()
        confirm(people[0])
    assert leases.claim("w").workspace_id == acme.pk


def test_the_end_of_a_campaign_is_told(filled, run_jobs):
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET state = %s", [int(Lease.State.DONE)])
    OrmQ.objects.all().delete()
    assert recovering.finish_if_done(filled.pk)
    assert run_jobs() != []
