"""How many people a campaign will reach, said before it goes out: the same people as the filling finds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from campaigns import readiness, sending
from contacts.models import BlockedDomain, Contact, Suppression, Topic, TopicChoice
from contacts.segments import audience, counting
from delivery import send_rules
from delivery.models import Batch, Message
from kernel.tenancy import scope
from tests import factories
from tests.markup import flat


@pytest.fixture
def world(acme):
    """Eight subscribed people. One chose the topic, all others have a reason to be left out of it."""
    with scope(acme):
        people = factories.contacts(8)
        topic = Topic.objects.create(name="Offers", needs_choice=True)
        for person in people[:6]:
            TopicChoice.objects.create(topic=topic, contact=person, wanted=person != people[5])
        Suppression.objects.create(channel="email", recipient="p1@example.com", reason="manual")
        BlockedDomain.objects.create(domain="blocked.example")
        Contact.objects.filter(pk=people[2].pk).update(email="p2@blocked.example")
        Contact.objects.filter(pk=people[3].pk).update(paused_until=date.today() + timedelta(9))
        Contact.objects.filter(pk=people[4].pk).update(frequency="weekly")
        draft = factories.campaign(topic=topic)
        now = timezone.now()
        batch = Batch.objects.create(name="Old", account=readiness.account_of(draft), content={}, expires_at=now)
        Message.objects.create(batch=batch, contact=people[4], state=Message.State.ACCEPTED, settled_at=now)
    return draft


def texts(workspace, campaign) -> dict[str, str]:
    with scope(workspace):
        campaign.refresh_from_db()
        return {check.text: check.level for check in readiness.checks(campaign)}


def test_the_checklist_says_how_many_the_filling_finds(acme, world, run_jobs):
    assert texts(acme, world)["1 person will receive this."] == "ok"
    with scope(acme):
        assert [c.email for c in audience.sample(acme.pk, world.people, 9)] == [f"p{n}@example.com" for n in (0, 4)] + [
            f"p{n}@example.com" for n in (5, 6, 7)
        ], "without a topic, and without how often"
        batch = sending.start(world.pk).batch
    run_jobs()
    with scope(acme):
        assert Message.objects.filter(batch=batch).exclude(state=Message.State.SKIPPED).count() == 1


def test_the_form_counts_by_the_topic_that_is_chosen(acme, alice, as_user, world):
    ask = as_user(alice).get
    assert "<strong>4</strong> people will receive this" in ask("/w/acme/campaigns/audience/").content.decode()
    answer = ask("/w/acme/campaigns/audience/", {"topic": world.topic_id}).content.decode()
    assert "<strong>1</strong> person will receive this" in answer
    for junk in ("x", "9" * 30, "٣", "\0"):
        assert ask("/w/acme/campaigns/audience/", {"topic": junk}).status_code == 200


@pytest.fixture
def only_estimates(monkeypatch):
    """Every count is slow; a sample of a few people is everybody."""

    def estimate(*asked):
        return replace(counting._exact(*asked), exact=False)

    monkeypatch.setattr(counting, "count_exactly", lambda *_: None)
    monkeypatch.setattr(counting, "SMALL", 0)
    monkeypatch.setattr(counting, "_is_cheap", lambda *_: False)
    monkeypatch.setattr(counting, "_estimate", estimate)


def test_the_estimate_looks_at_the_same_reasons(acme, world, monkeypatch):
    monkeypatch.setattr(counting, "SMALL", 0)
    monkeypatch.setattr(counting, "_is_cheap", lambda *_: False)
    with scope(acme):
        TopicChoice.objects.create(topic=world.topic, contact=Contact.objects.order_by("id").last(), wanted=True)
    with scope(acme):
        found = audience.count(acme.pk, world.people, send_rules.marketing(world.topic))
        assert not found.exact and 0 < found.reachable < found.people
        TopicChoice.objects.update(wanted=False)
    with scope(acme):
        assert audience.count(acme.pk, world.people, send_rules.marketing(world.topic)).reachable == 0


def test_an_estimate_says_that_it_is_one_and_stops_nobody(acme, world, only_estimates):
    assert texts(acme, world)["About 1 person will receive this."] == "ok"
    with scope(acme):
        Contact.objects.update(status="unsubscribed")
    found = texts(acme, world)
    assert "blocker" not in found.values() and any("estimate found no one" in text for text in found)


def test_a_count_that_takes_too_long_leaves_the_number(acme, alice, as_user, world, only_estimates):
    first = flat(as_user(alice).get("/w/acme/campaigns/audience/"))
    assert "About <strong>4</strong>" in first and "exactly=1" in first
    second = flat(as_user(alice).get("/w/acme/campaigns/audience/?exactly=1"))
    assert "About <strong>4</strong>" in second and "takes too long" in second and "exactly=1" not in second


def test_finding_recipients_takes_seconds_at_most(acme, world, monkeypatch):
    monkeypatch.setattr(audience.Audience, "sql", lambda _self: ("pg_sleep(9) IS NOT NULL", {}))
    monkeypatch.setattr(audience, "MOST_SECONDS", 0.05)
    with scope(acme):
        assert audience.newest(acme.pk, world.people, 3) is None
        assert audience.sample(acme.pk, world.people, 3) is None
        assert Contact.objects.count() == 8, "the transaction goes on"
    monkeypatch.setattr(counting, "MOST_SECONDS", 0.05)
    monkeypatch.setattr(audience.counting, "count", lambda *_: counting.Count(8, 8, exact=False))
    assert any("merge tag values were not checked" in text for text in texts(acme, world))
