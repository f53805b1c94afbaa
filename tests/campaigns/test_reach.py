"""The number of people that a campaign will reach, before it is sent: the same people as the batch is filled with."""

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
def draft(acme):
    """A draft about a topic, and eight subscribed people: the campaign may reach one of them, all others have a reason."""
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
        campaign = factories.campaign(topic=topic)
        now = timezone.now()
        batch = Batch.objects.create(name="Old", account=readiness.account_of(campaign), expires_at=now)
        Message.objects.create(batch=batch, contact=people[4], state=Message.State.ACCEPTED, settled_at=now)
    return campaign


def texts(workspace, campaign) -> dict[str, str]:
    with scope(workspace):
        campaign.refresh_from_db()
        return {check.text: check.level for check in readiness.checks(campaign)}


def test_the_checklist_has_the_number_that_the_batch_is_filled_with(acme, draft, run_jobs):
    assert texts(acme, draft)["1 person will receive this."] == "ok"
    with scope(acme):
        assert [c.email for c in audience.sample(acme.pk, draft.people, 9)] == [f"p{n}@example.com" for n in (0, 4)] + [
            f"p{n}@example.com" for n in (5, 6, 7)
        ], "without a topic, and without how often"
        batch = sending.start(draft.pk).first_batch
    run_jobs()
    with scope(acme):
        assert Message.objects.filter(batch=batch).exclude(state=Message.State.SKIPPED).count() == 1


def test_the_form_counts_by_the_topic_that_is_chosen(acme, alice, as_user, draft):
    ask = as_user(alice).get
    assert "<strong>4</strong> people will receive this" in ask("/w/acme/campaigns/audience/").content.decode()
    answer = ask("/w/acme/campaigns/audience/", {"topic": draft.topic_id}).content.decode()
    assert "<strong>1</strong> person will receive this" in answer
    for junk in ("x", "9" * 30, "٣"):
        assert ask("/w/acme/campaigns/audience/", {"topic": junk}).status_code == 200


@pytest.fixture
def only_estimates(monkeypatch):
    """Make every count too slow, and let the estimate look at everybody."""

    count_exactly = counting.count_exactly

    def estimate(*arguments):
        return replace(count_exactly(*arguments), exact=False)

    monkeypatch.setattr(counting, "count_exactly", lambda *_: None)
    monkeypatch.setattr(counting, "count", estimate)
    monkeypatch.setattr(counting, "estimate", estimate)


def test_the_estimate_looks_at_the_same_reasons(acme, draft, monkeypatch):
    monkeypatch.setattr(counting, "count", counting.estimate)
    with scope(acme):
        TopicChoice.objects.create(topic=draft.topic, contact=Contact.objects.order_by("id").last(), wanted=True)
    with scope(acme):
        found = audience.count(acme.pk, draft.people, send_rules.marketing(draft.topic, "email"))
        assert not found.exact and 0 < found.reachable < found.people
        TopicChoice.objects.update(wanted=False)
    with scope(acme):
        assert audience.count(acme.pk, draft.people, send_rules.marketing(draft.topic, "email")).reachable == 0


def test_an_estimate_is_marked_and_is_no_blocker(acme, draft, only_estimates):
    assert texts(acme, draft)["About 1 person will receive this."] == "ok"
    with scope(acme):
        Contact.objects.update(status="unsubscribed")
    found = texts(acme, draft)
    assert "blocker" not in found.values() and any("estimate found no one" in text for text in found)


def test_a_count_that_takes_too_long_leaves_the_number(acme, alice, as_user, draft, only_estimates):
    first = flat(as_user(alice).get("/w/acme/campaigns/audience/"))
    assert "About <strong>4</strong>" in first and "exactly=1" in first
    second = flat(as_user(alice).get("/w/acme/campaigns/audience/?exactly=1"))
    assert "About <strong>4</strong>" in second and "takes too long" in second and "exactly=1" not in second


def test_finding_recipients_takes_seconds_at_most(acme, draft, monkeypatch):
    monkeypatch.setattr(audience.Audience, "sql", lambda _self: ("pg_sleep(9) IS NOT NULL", {}))
    monkeypatch.setattr(audience, "SEARCH_SECONDS", 0.05)
    with scope(acme):
        assert audience.newest(acme.pk, draft.people, 3) is None
        assert audience.sample(acme.pk, draft.people, 3) is None
        assert Contact.objects.count() == 8, "the transaction goes on"
    monkeypatch.setattr(counting, "EXACT_SECONDS", 0.05)
    monkeypatch.setattr(counting, "estimate", lambda *_: counting.Count(8, 8, exact=False))
    assert any("merge tag values were not checked" in text for text in texts(acme, draft))
