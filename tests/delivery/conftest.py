import pytest
from django.db import connections

from delivery import batching
from delivery.models import Batch, Message
from delivery.sending import lane, lease_runner, recovering
from kernel.tenancy import scope
from tests.delivery import smtp
from tests.delivery.batches import start


@pytest.fixture(autouse=True)
def _any_machine_is_in_time(monkeypatch):
    """On a busy machine, more than the product's 0.9 s may pass between the gate and a call. Such messages would go
    back and wait, and tests that are about something else would miss them. Tests that are about this limit set their
    own."""
    monkeypatch.setattr(lease_runner, "START_WITHIN", 60.0)


@pytest.fixture
def mail_server():
    with smtp.serving() as (mailbox, port):
        yield mailbox, port


@pytest.fixture
def send_all():
    """Fill a batch and run lanes until nothing is due. Returns the batch as it is then."""

    def run(batch: Batch) -> Batch:
        while not batching.fill(batch.pk):
            pass
        recovering.finish_if_done(batch.pk)
        while lane.run(budget=10):
            pass
        with scope(batch.workspace_id):
            batch.refresh_from_db()
        return batch

    return run


@pytest.fixture
def states():
    """Return {address: (name of the state, reason)} for a batch."""

    def read(batch: Batch) -> dict:
        with scope(batch.workspace_id):
            rows = Message.objects.filter(batch=batch).select_related("contact")
            return {row.contact.email: (Message.State(row.state).name.lower(), row.reason) for row in rows}

    return read


@pytest.fixture
def filled(acme):
    """A batch of 50 people, filled and not sent."""
    batch = start(acme, n=50)
    batching.fill(batch.pk)
    return batch


@pytest.fixture
def without_autovacuum(db):
    """PostgreSQL neither analyses nor cleans the tables of sending by itself meanwhile."""
    tables = ["delivery_lease", "delivery_tally", "contacts_contact", "contacts_suppression"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'delivery_message'::regclass"
        )
        tables += [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    yield
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")
