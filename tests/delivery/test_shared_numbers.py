"""A campaign on a channel that goes to phone numbers reaches a number once, whoever shares it."""

import pytest
from django.db import connections

from contacts.models import Contact
from delivery import batching, registry, send_rules, totals
from delivery.models import Batch, Message
from delivery.sending import gate, leases
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import start
from tests.delivery.test_plans import pages
from tests.delivery.toy.channel import Toy

OFFICE = "+33142685300"
RULES = factories.RULES | {"channel": "sms"}


@pytest.fixture(autouse=True)
def sms():
    """The product has no channel for SMS yet."""
    registry.CHANNELS.add(Toy(), "sms")
    yield
    registry.CHANNELS.remove("sms")


def batch_of(workspace, people: list[dict], **fields) -> Batch:
    """A batch to these people by SMS, not filled. (No provider sends SMS yet: what is tested is whom it is for.)"""
    agreed = {"status": "subscribed", "sms_status": "subscribed"}
    with scope(workspace):
        Contact.objects.bulk_create([Contact(**agreed | values) for values in people])
    batch = start(workspace)
    with scope(workspace):
        Batch.objects.filter(pk=batch.pk).update(channel="sms", **fields)
        batch.refresh_from_db()
    return batch


def fill(batch: Batch) -> Batch:
    while not batching.fill(batch.pk):
        pass
    return batch


def states(batch: Batch) -> list[tuple[str, str]]:
    with scope(batch.workspace_id):
        rows = Message.objects.filter(batch=batch).order_by("contact_id").values_list("state", "reason")
        return [(Message.State(state).name.lower(), reason) for state, reason in rows]


def passed(size: int = 10) -> list[int]:
    lease = leases.claim("w1")
    return [person.contact_id for person in gate.pass_gate(lease, rules=RULES, size=size)]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_the_first_who_passes_gets_it(acme, monkeypatch, chunk):
    monkeypatch.setattr(batching, "CHUNK", chunk)
    people = [
        {"email": "a@example.com", "phone": OFFICE, "sms_status": "pending"},
        {"email": "b@example.com", "phone": OFFICE},
        {"email": "c@example.com", "phone": OFFICE},
        {"email": "d@example.com", "phone": "+33612345678"},
        {"email": "e@example.com", "phone": OFFICE},
    ]
    batch = fill(batch_of(acme, people))
    assert states(batch) == [
        ("skipped", "pending"),
        ("queued", ""),
        ("skipped", "same_number"),
        ("queued", ""),
        ("skipped", "same_number"),
    ]
    with scope(acme):
        assert batch.tallies()["skipped"] == 3
        reasons = totals.by_reason(totals.of_batches([batch.pk]))
        assert dict(reasons["skipped"])["same_number"] == 2


def test_an_e_mail_goes_to_each(acme):
    with scope(acme):
        factories.contacts(3, phone=OFFICE)
    assert [state for state, _reason in states(fill(start(acme)))] == ["queued"] * 3


def test_a_service_message_goes_to_each(acme):
    people = [{"email": f"p{n}@example.com", "phone": OFFICE} for n in range(2)]
    batch = fill(batch_of(acme, people, purpose=Batch.Purpose.SERVICE))
    assert [state for state, _reason in states(batch)] == ["queued"] * 2


def test_the_gate_sees_numbers_that_became_the_same(acme):
    people = [{"email": "a@example.com", "phone": OFFICE}, {"email": "b@example.com", "phone": "+33612345678"}]
    batch = fill(batch_of(acme, people))
    with scope(acme):
        Contact.objects.update(phone=OFFICE)
        first = Contact.objects.earliest("pk")
    assert passed() == [first.pk]
    assert states(batch)[1] == ("skipped", "same_number")


def test_the_gate_sees_that_the_number_has_got_it(acme):
    people = [{"email": "a@example.com", "phone": "+33612345678"}, {"email": "b@example.com", "phone": OFFICE}]
    batch = fill(batch_of(acme, people))
    with scope(acme):
        first, second = Contact.objects.order_by("pk").values_list("pk", flat=True)
        Message.objects.filter(batch=batch, contact_id=second).update(state=Message.State.ACCEPTED)
        Contact.objects.update(phone=OFFICE)
    assert passed() == []
    assert states(batch)[0] == ("skipped", "same_number")
    assert first < second


def test_numbers_of_another_workspace_count_for_nothing(acme, beta):
    with scope(beta):
        Contact.objects.create(email="z@example.com", phone=OFFICE, sms_status="subscribed")
    batch = fill(batch_of(acme, [{"email": "a@example.com", "phone": OFFICE}]))
    assert states(batch) == [("queued", "")]


def test_only_channels_that_go_to_numbers_pay_for_it():
    assert send_rules.same_number("email", Batch.Purpose.MARKETING) == ""
    assert "same_number" not in gate._pass("email", Batch.Purpose.MARKETING)
    assert "same_number" in gate._pass("sms", Batch.Purpose.MARKETING)


@pytest.mark.parametrize("shared", [False, True], ids=["each their own", "a switchboard"])
def test_the_gate_and_the_filling_read_little(acme, monkeypatch, without_autovacuum, shared):
    """PostgreSQL knows nothing about the new batch: 20,000 people, of whom 5,000 share a number."""
    people = [
        {"email": f"p{n}@example.com", "phone": OFFICE if shared and n % 4 == 0 else f"+336{n:08}"}
        for n in range(20_000)
    ]
    batch = batch_of(acme, people)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) contacts_contact, delivery_message")  # rows of other tests cost pages, too
    fill(batch)
    lease = leases.claim("w1")
    executed = []

    def watch(execute, sql, params, many, context):
        if "sub_batch" in sql:
            executed.append((sql, params))
            raise InterruptedError
        return execute(sql, params, many, context)

    with connections["engine"].execute_wrapper(watch), pytest.raises(InterruptedError):
        gate.pass_gate(lease, rules=RULES, size=10)
    # Only the one who gets the switchboard's message looks at the others.
    assert pages(*executed[0]) < (10 * 40 if not shared else 10 * 40 + 5_000 * 9)
