"""Facts by day are the tallies, spread over days, accounts and mailbox providers."""

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from delivery import batching, day_facts, folding, mailbox_providers, pruning, retrying, unsubscribing
from delivery.models import DayFact, Hit, IncomingHit, Message, Tally
from delivery.sending import lane, leases, recovering, restore_guard
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, expire, gate, hurry, start

# The test server answers by the local part of the address.
PEOPLE = ("ok", "hard", "policy", "drop")
DOMAINS = ("gmail.com", "googlemail.com", "hotmail.fr", "orange.fr", "small.example", "another.example")


def today() -> date:
    return datetime.now(UTC).date()


def by_tallies() -> dict[str, int]:
    counts: Counter[str] = Counter()
    for fact, n in Tally.objects.exclude(fact__in=day_facts.NOT_BY_DAY).values_list("fact", "n"):
        counts[fact] += n
    return {fact: n for fact, n in counts.items() if n}


def by_days() -> dict[str, int]:
    found = day_facts.read(today() - timedelta(days=1), today(), by=())
    return {fact: facts.n for fact, facts in found.get((), {}).items() if facts.n}


def run_everything_at_random(workspace, send_all, port: int, choose: random.Random) -> None:
    """Batches that are sent, broken off, cancelled, restored; then opens, clicks, opt-outs and decisions."""
    addresses = [f"{choose.choice(PEOPLE)}{n}@{choose.choice(DOMAINS)}" for n in range(40)]
    batches = [start(workspace, addresses, port=port)]
    with scope(workspace):
        left = choose.sample(list(Contact.objects.order_by("pk")), 6)
        Contact.objects.filter(pk__in=[contact.pk for contact in left[:3]]).update(status="unsubscribed")
    batching.fill(batches[0].pk)
    with scope(workspace):
        Contact.objects.filter(pk__in=[contact.pk for contact in left[3:]]).update(status="unsubscribed")
    gate(leases.claim("a lane that dies"), size=choose.randint(1, 9))
    expire()
    recovering.reap()
    send_all(batches[0])
    hurry(batches[0])
    send_all(batches[0])
    batches.append(start(workspace))
    batching.fill(batches[1].pk)
    with scope(workspace):
        batching.cancel(batches[1])
    while lane.run(budget=10):
        pass
    with scope(workspace):
        messages = list(Message.objects.order_by("batch_id", "contact_id"))
        for message in choose.sample(messages, len(messages) // 2):
            link = choose.choice([None, 0])
            kind = Hit.Kind.OPEN if link is None else Hit.Kind.CLICK
            IncomingHit.objects.create(batch_id=message.batch_id, contact_id=message.contact_id, kind=kind, link=link)
        for message in choose.sample(messages, 5):
            unsubscribing.unsubscribe(message.batch_id, message.contact_id, source="link", address=None)
    folding.fold()
    with scope(workspace):
        retrying.count_as_sent(batches[0], ["lost_reply", "worker_lost"])
        retrying.retry(batches[0], ["policy"])
    with connections["engine"].cursor() as cursor:
        restore_guard._give_up_open(cursor)


@pytest.mark.parametrize("seed", range(3))
def test_facts_by_day_are_the_tallies(acme, mail_server, send_all, seed):
    run_everything_at_random(acme, send_all, mail_server[1], random.Random(seed))
    with scope(acme):
        tallies = by_tallies()
        assert {"accepted", "failed", "skipped", "cancelled", "bounced", "opened", "unsubscribed"} <= set(tallies)
        assert by_days() == tallies


def raised(captured) -> list[str]:
    """The tables that statements raise counts in, in the statements' order; the statement that a CTE is of, once."""
    found = [re.findall(r"INSERT INTO delivery_(tally|dayfact)", query["sql"]) for query in captured]
    return [table for tables in found for table in tables]


def test_all_tallies_are_raised_before_all_days_whatever_died(acme, beta, mail_server):
    """Folding raises the same rows in the order of their keys: another order would be a deadlock."""
    batches = [start(workspace, n=n) for workspace, n in ((beta, 4), (acme, 4), (beta, 0), (acme, 0))]
    for batch in batches:
        while not batching.fill(batch.pk):
            pass
        gate(leases.claim("a lane that dies"), size=2)
    expire()
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET claims = 9 WHERE batch_id = %s", [batches[0].pk])
    with CaptureQueriesContext(connections["engine"]) as captured:
        assert recovering.reap() == 4
    assert raised(captured) == ["tally", "dayfact"]
    with CaptureQueriesContext(connections["engine"]) as captured, connections["engine"].cursor() as cursor:
        assert restore_guard._give_up_open(cursor) == 6
    assert raised(captured) == ["tally", "dayfact"]
    for batch in batches:
        check_sums(batch)
    for workspace, counts in ((acme, {"unknown": 8}), (beta, {"unknown": 6, "failed": 2})):
        with scope(workspace):
            assert by_days() == by_tallies() == counts


def test_a_decision_names_nobody_however_many_it_is_about(acme, filled):
    with connections["engine"].cursor() as cursor:
        restore_guard._give_up_open(cursor)
    with scope(acme), CaptureQueriesContext(connections["default"]) as captured:
        assert retrying.count_as_sent(filled, ["restored"]) == 50
        assert by_days() == by_tallies() == {"accepted": 50}
    moving = [query["sql"] for query in captured if "UPDATE delivery_message" in query["sql"]]
    assert len(moving) == 1 and "INSERT INTO delivery_dayfact" in moving[0]
    assert raised(captured) == ["tally", "dayfact"]


def test_mailboxes_are_few_and_count_their_own(acme, mail_server, send_all):
    addresses = [f"ok{n}@{domain}" for n, domain in enumerate(DOMAINS)] + [f"x@shop{n}.example" for n in range(30)]
    send_all(start(acme, addresses, port=mail_server[1]))
    with scope(acme):
        found = day_facts.read(today(), today(), by=("mailbox",))
        accepted = {mailbox: facts["accepted"].n for (mailbox,), facts in found.items()}
        assert accepted == {"gmail.com": 2, "outlook.com": 1, "orange.fr": 1, "other": 32}
        assert DayFact.objects.count() == 4
        assert found["other",]["accepted"] == day_facts.Facts(n=32, units=32, cost=0)


def test_accounts_are_told_apart_and_workspaces_see_their_own(acme, beta, mail_server, send_all):
    send_all(start(acme, ["a@gmail.com"]))
    send_all(start(acme, ["b@gmail.com"], port=mail_server[1]))
    send_all(start(beta, ["c@gmail.com"]))
    with scope(acme):
        accounts = day_facts.read(today(), today(), by=("channel", "account_id"))
        assert len(accounts) == 2 and sum(facts["accepted"].n for facts in accounts.values()) == 3
        assert {channel for channel, _account in accounts} == {"email"}
        some = next(iter(accounts))
        assert list(day_facts.read(today(), today(), by=("account_id",), account_id=some[1])) == [(some[1],)]
    with scope(beta):
        assert by_days() == {"accepted": 1}
        assert day_facts.read(today() - timedelta(days=9), today() - timedelta(days=2)) == {}


def test_old_days_are_deleted(acme, settings):
    settings.DAY_FACT_DAYS = 30
    with scope(acme):
        for days in (29, 31):
            DayFact.objects.create(
                day=today() - timedelta(days=days), channel="email", account_id=1, mailbox="other", fact="accepted", n=1
            )
    pruning.prune()
    with scope(acme):
        assert DayFact.objects.get().day == today() - timedelta(days=29)


def test_days_are_kept_for_ever_where_the_operator_wants_it(acme, settings):
    settings.DAY_FACT_DAYS = 0
    with scope(acme):
        old = today() - timedelta(days=9000)
        DayFact.objects.create(day=old, channel="email", account_id=1, mailbox="other", fact="accepted", n=1)
    pruning.prune()
    with scope(acme):
        assert DayFact.objects.count() == 1


def test_names_of_providers_fit_and_are_no_others():
    domains = [domain for provider, others in mailbox_providers.PROVIDERS.items() for domain in (provider, *others)]
    assert len(domains) == len(set(domains))
    assert max(map(len, mailbox_providers.PROVIDERS)) <= DayFact._meta.get_field("mailbox").max_length
    assert len(mailbox_providers.PROVIDERS) < 30
