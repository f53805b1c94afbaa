"""What a message's row costs, and how it is found by the provider's name for it."""

from django.db import connections, transaction

from contacts.models import Contact
from delivery.channels.base import Outcome, Result
from delivery.models import Message
from delivery.sending import leases, settling
from kernel.tenancy import scope
from tests.delivery.batches import gate

NEW = ("complained_at", "read_at", "replied_at", "language", "variant", "provider_id", "units", "cost")


def updates(cursor) -> tuple[int, int]:
    """Rows that this transaction updated in messages, and how many of them without touching an index (HOT)."""
    cursor.execute(
        "SELECT sum(pg_stat_get_xact_tuples_updated(inhrelid)), sum(pg_stat_get_xact_tuples_hot_updated(inhrelid)) "
        "FROM pg_inherits WHERE inhparent = 'delivery_message'::regclass"
    )
    return tuple(map(int, cursor.fetchone()))


def test_settling_a_mail_touches_no_index(filled):
    lease = leases.claim("a test")
    people = gate(lease, size=20)
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        before = updates(cursor)
        settling.settle(lease, [(person.contact_id, Outcome(Result.ACCEPTED, detail="250 ok")) for person in people])
        after = updates(cursor)
    assert [new - old for new, old in zip(after, before, strict=True)] == [20, 20]


def test_what_a_mail_does_not_have_takes_no_byte(filled):
    with scope(filled.workspace_id):
        assert set(Message.objects.values_list(*NEW)) == {(None,) * len(NEW)}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT pg_column_size(m.*) FROM delivery_message m")
        ((size,),) = cursor.fetchall()
    assert size <= 80, "32 of them are the row's header"


def test_a_message_is_found_by_the_providers_name_for_it(filled):
    with scope(filled.workspace_id):
        contact = Contact.objects.create(email="by-id@x.example")
        Message.objects.create(batch=filled, contact=contact, provider_id="SM123", units=2, cost=71_500)
        assert Message.objects.get(provider_id="SM123").contact_id == contact.pk
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            cursor.execute("EXPLAIN SELECT * FROM delivery_message WHERE provider_id = 'SM123'")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        finally:
            cursor.execute("RESET enable_seqscan")
    assert "provider_id_idx" in plan or "of_provider" in plan, plan
    assert "Seq Scan" not in plan, plan
