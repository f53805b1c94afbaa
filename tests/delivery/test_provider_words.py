"""What a provider says beside an outcome is kept: its own id of the message, units and cost."""

import pytest

from delivery import day_facts, provider_ids
from delivery.channels.base import Outcome, Result
from delivery.models import Message, ProviderAccount
from delivery.sending import leases, settling
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, gate
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
