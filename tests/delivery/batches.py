"""Batches for tests of sending: started, counted by hand, hurried along."""

from django.db import connections

from campaigns import sending
from contacts.models import Contact
from delivery import batching
from delivery.models import Batch, Lease, Message
from delivery.sending.gate import pass_gate
from kernel.tenancy import scope
from tests import factories


def start(workspace, people=(), n=0, port=None, **fields) -> Batch:
    with scope(workspace):
        if port:
            factories.smtp_account(port)
        Contact.objects.bulk_create([Contact(email=e, status="subscribed") for e in people])
        factories.contacts(n)
        return sending.start(factories.campaign(**fields).pk).first_batch


def count_by_hand(batch) -> dict:
    """Messages by state, counted in their table. The tallies must equal this."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM delivery_message WHERE batch_id = %s GROUP BY 1", [batch.pk])
        return {Message.State(state): n for state, n in cursor.fetchall()}


def check_sums(batch) -> dict:
    with scope(batch.workspace_id):
        tallies = batch.tallies()
    counted = count_by_hand(batch)
    for state, fact in batching.FACT_OF_STATE.items():
        assert tallies.get(fact, 0) == counted.get(state, 0), fact
    assert tallies.get("planned", 0) == sum(counted.values())
    assert batching.open_count(tallies) == counted.get(Message.State.QUEUED, 0)
    return tallies


def hurry(batch):
    """Make all leases that wait due now."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET not_before = now() WHERE batch_id = %s", [batch.pk])


def gate(lease, size=10):
    return pass_gate(lease, rules=factories.RULES, size=size)


def expire():
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_lease SET until = now() - interval '1 second' WHERE state = %s", [int(Lease.State.TAKEN)]
        )
