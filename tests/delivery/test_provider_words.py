"""What a provider says beside an outcome is kept: its own id of the message, units and cost."""

import pytest
from django.db import connections

from contacts.models import Contact
from delivery import day_facts, folding, provider_ids, retrying
from delivery.channels.base import Outcome, Result
from delivery.models import Hit, IncomingHit, Message, ProviderAccount
from delivery.sending import leases, recovering, restore_guard, settling
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, expire, gate
from tests.delivery.test_day_facts import today


@pytest.fixture
def lease(filled):
    return leases.claim("w")


def settle(lease, *outcomes):
    people = gate(lease, size=len(outcomes))
    settling.settle(lease, [(person.contact_id, outcome) for person, outcome in zip(people, outcomes, strict=True)])
    return [person.contact_id for person in people]


def test_it_is_on_the_message_and_in_the_facts_of_the_day(acme, filled, lease):
    said = Outcome(Result.ACCEPTED, provider_id="SM1", units=3, cost=71_500)
    settle(lease, said, Outcome(Result.ACCEPTED))
    with scope(acme):
        first, second = Message.objects.filter(batch=filled, state=Message.State.ACCEPTED).order_by("contact_id")
        assert (first.provider_id, first.units, first.cost) == ("SM1", 3, 71_500)
        assert (second.provider_id, second.units, second.cost) == (None, None, None)
        (facts,) = day_facts.read(today(), today()).values()
        assert facts["accepted"] == day_facts.Facts(n=2, units=4, cost=71_500)
    assert check_sums(filled)["accepted"] == 2


@pytest.mark.parametrize("result", [Result.REFUSED, Result.UNKNOWN, Result.LATER, Result.HARD])
def test_it_is_kept_of_messages_that_were_not_accepted(acme, filled, lease, result):
    (contact_id,) = settle(lease, Outcome(result, "policy", provider_id="SM2", units=2, cost=5))
    with scope(acme):
        message = Message.objects.get(batch=filled, contact_id=contact_id)
        assert (message.provider_id, message.units, message.cost) == ("SM2", 2, 5)


def counted_by_days() -> dict[str, day_facts.Facts]:
    (facts,) = day_facts.read(today(), today()).values()
    return {fact: counts for fact, counts in facts.items() if counts.n}


TWO = day_facts.Facts(n=1, units=2, cost=5)


@pytest.mark.parametrize(
    "result, fact", [(Result.REFUSED, "failed"), (Result.UNKNOWN, "unknown"), (Result.HARD, "failed")]
)
def test_facts_of_the_day_count_what_was_paid_for_in_vain(acme, filled, lease, result, fact):
    settle(lease, Outcome(result, "policy", units=2, cost=5))
    with scope(acme):
        assert counted_by_days()[fact] == TWO


def test_units_and_cost_go_with_a_message_that_turns_out_to_have_arrived(acme, filled, lease):
    opened, decided = settle(lease, *[Outcome(Result.UNKNOWN, "lost_reply", units=2, cost=5)] * 2)
    with scope(acme):
        IncomingHit.objects.create(batch_id=filled.pk, contact_id=opened, kind=Hit.Kind.OPEN)
    folding.fold()
    with scope(acme):
        facts = counted_by_days()
        assert (facts["accepted"], facts["unknown"]) == (TWO, TWO)
        retrying.count_as_sent(filled, ["lost_reply"])
        assert Message.objects.get(batch=filled, contact_id=decided).state == Message.State.ACCEPTED
        facts = counted_by_days()
        assert facts["accepted"] == day_facts.Facts(n=2, units=4, cost=10) and "unknown" not in facts


def unsubscribe_all(batch, lease):
    with scope(batch.workspace_id):
        Contact.objects.update(status="unsubscribed")
    gate(lease, size=3)


def lose_the_lane(batch, lease):
    gate(lease, size=3)
    expire()
    recovering.reap()


def cancel(batch, lease):
    recovering.close_range(lease, Message.State.CANCELLED, "cancelled")


def give_up(batch, lease):
    with connections["engine"].cursor() as cursor:
        restore_guard._give_up_open(cursor)


@pytest.mark.parametrize(
    "end, fact, n",
    [
        (unsubscribe_all, "skipped", 3),
        (lose_the_lane, "unknown", 3),
        (cancel, "cancelled", 50),
        (give_up, "unknown", 50),
    ],
)
def test_units_and_cost_of_an_earlier_try_count_where_the_message_ends(acme, filled, lease, end, fact, n):
    with scope(acme):
        Message.objects.update(units=2, cost=5)
    end(filled, lease)
    with scope(acme):
        assert counted_by_days() == {fact: day_facts.Facts(n, units=2 * n, cost=5 * n)}


def test_a_message_is_found_by_the_id_of_its_own_account(acme, beta, filled, lease):
    (contact_id,) = settle(lease, Outcome(Result.ACCEPTED, provider_id="SM3"))
    with scope(acme):
        account = ProviderAccount.objects.get(pk=filled.account_id)
        assert provider_ids.find(account, "SM3").contact_id == contact_id
        assert provider_ids.find(account, "SM4") is None and provider_ids.find(account, "") is None
        assert provider_ids.find(ProviderAccount(pk=account.pk + 1000), "SM3") is None
    with scope(beta):
        assert provider_ids.find(account, "SM3") is None


def test_an_id_that_is_too_long_or_has_a_null_byte_is_cut(acme, filled, lease):
    settle(lease, Outcome(Result.ACCEPTED, provider_id="x\0" + "y" * 300))
    with scope(acme):
        assert Message.objects.get(state=Message.State.ACCEPTED).provider_id == "x" + "y" * 199
