"""A small attack in every run of the tests; and with a safety removed, the oracle must see a broken promise."""

import pytest

from kernel import embedded_postgres
from kernel.tenancy import scope
from tests import database, factories
from tests.chaos.harness import Attack, Harness, faulty_server


def restart():
    embedded_postgres.stop(database.HOME, "immediate")
    embedded_postgres.ensure_running(database.HOME, fast_and_unsafe=True)


def run(workspace, attack: Attack, *, batches: int = 1):
    with faulty_server(attack) as (port, log):
        with scope(workspace):
            factories.smtp_account(port)
            factories.contacts(attack.messages)
            opened = factories.start_in_batches(factories.campaign(), batches)
        return Harness(attack, opened, log).run()


@pytest.mark.parametrize("batches", [1, 4])
def test_a_campaign_under_attack_loses_and_doubles_nothing(acme, batches):
    attack = Attack(restarts=1, restart=restart) if database.is_embedded() else Attack()
    verdict = run(acme, attack, batches=batches)
    assert verdict.holds, verdict
    assert verdict.states["accepted"] > attack.messages * 0.5


@pytest.mark.parametrize("mutant", ["requeue-the-handed", "retry-the-unknown", "no-consent"])
def test_the_oracle_sees_a_missing_safety(acme, mutant):
    attack = Attack(messages=3000, kills=8, opt_outs=400, lost=0.02, freezes=0, switches=0, pauses=0, mutant=mutant)
    assert not run(acme, attack).holds
