"""A campaign of four batches: pages, buttons and notices are about all of them together."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notification
from analytics.reports.campaign import CampaignReport
from campaigns import batches, readiness, sending, subscribers
from campaigns.models import Campaign, CampaignBatch
from contacts.exports import parts
from contacts.models import Export
from contacts.segments import audience
from contacts.segments.audience import Audience, Groups
from delivery import batch_groups, batching
from delivery.events import BatchFinished, BatchHeld
from delivery.models import Batch, Control, Message, Sender
from delivery.sending import lane, recovering
from kernel.tenancy import scope
from tests import factories
from tests.markup import flat

N = 120


@pytest.fixture
def four(acme, alice):
    """A campaign to 120 people in four batches, filled and not sent."""
    with scope(acme):
        factories.contacts(N)
        opened = factories.start_in_batches(factories.campaign(created_by=alice), 4)
    for batch in opened:
        while not batching.fill(batch.pk):
            pass
    return opened


def the(workspace) -> Campaign:
    with scope(workspace):
        return Campaign.objects.get()


def path(workspace, where: str) -> str:
    return f"/w/acme/{where.format(the(workspace).pk)}"


def send_all() -> None:
    while lane.run(budget=10):
        pass


def states(workspace) -> set[str]:
    with scope(workspace):
        return {batch.state + " paused" * batch.is_paused for batch in Batch.objects.all()}


def test_everybody_gets_it_once(acme, four):
    send_all()
    with scope(acme):
        messages = Message.objects.filter(batch__in=four)
        assert messages.count() == messages.values("contact_id").distinct().count() == N
        assert set(messages.values_list("state", flat=True)) == {Message.State.ACCEPTED}
        assert all(batch.tallies()["planned"] for batch in four)


def test_the_report_and_the_list_add_up_all_batches(acme, four, alice, as_user):
    send_all()
    with scope(acme):
        report = CampaignReport(the(acme))
        assert (report.number("planned"), report.number("accepted"), report.adds_up) == (N, N, True)
    browser = as_user(alice)
    assert f'<td class="number" data-label="Sent">{N}</td>' in flat(browser.get("/w/acme/campaigns/"))
    assert f"<dt>Sent</dt><dd>{N}" in flat(browser.get(path(acme, "campaigns/{}/progress/")))


def test_the_pages_of_recipients_have_everybody_once(acme, four, alice, as_user, run_jobs):
    where, seen, after = path(acme, "reports/campaigns/{}/recipients/"), [], ""
    for _ in range(3):  # 120 people on pages of 50
        page = flat(as_user(alice).get(where, {"after": after}))
        seen += re.findall(r">(p\d+@example\.com)<", page)
        following = re.search(r'class="button" href="\?after=(\d+-\d+)"', page)
        after = following[1] if following else None
    assert after is None and len(seen) == len(set(seen)) == N
    as_user(alice).post(f"{where}export/")
    run_jobs()
    with scope(acme):
        assert len(b"".join(parts.stream(Export.objects.get())).splitlines()) == N + 1
    assert "p7@example.com" in flat(as_user(alice).get(where, {"q": "p7@example.com"}))


@pytest.mark.parametrize("after", ["x", "1-", "-1", "9" * 40, "1-2-3"])
def test_a_place_that_is_none_is_the_beginning_or_the_end(acme, four, alice, as_user, after):
    assert as_user(alice).get(path(acme, "reports/campaigns/{}/recipients/"), {"after": after}).status_code == 200


def test_pause_resume_and_cancel_are_for_all(acme, four, alice, as_user):
    browser = as_user(alice)
    browser.post(path(acme, "campaigns/{}/pause/"))
    assert states(acme) == {"sending paused"} and the(acme).state == Campaign.State.PAUSED
    send_all()
    with scope(acme):
        assert not Message.objects.exclude(state=Message.State.QUEUED).exists()
    browser.post(path(acme, "campaigns/{}/resume/"))
    assert states(acme) == {"sending"} and the(acme).state == Campaign.State.SENDING
    browser.post(path(acme, "campaigns/{}/cancel/"))
    assert states(acme) == {"cancelled"}
    send_all()
    with scope(acme):
        assert batches.tallies_of([the(acme)])[the(acme).pk]["cancelled"] == N


def test_a_problem_of_one_stops_all_until_somebody_resumes(acme, four, alice, as_user):
    with scope(acme):
        batching.hold(four[2].pk, "The sender was refused.")
        subscribers.mark_paused(BatchHeld(batch_id=four[2].pk))
    assert states(acme) == {"sending paused"} and the(acme).state == Campaign.State.PAUSED
    assert "The sender was refused." in flat(as_user(alice).get(path(acme, "campaigns/{}/")))
    with scope(acme):
        assert Notification.objects.get(title__contains="is paused").body == "The sender was refused."
    as_user(alice).post(path(acme, "campaigns/{}/resume/"))
    assert states(acme) == {"sending"}


def test_the_sender_is_changed_of_all(acme, four, alice, as_user):
    with scope(acme):
        other = Sender.objects.create(name="Other", email="other@acme.example")
    as_user(alice).post(path(acme, "campaigns/{}/pause/"))
    as_user(alice).post(path(acme, "campaigns/{}/sender/"), {"sender": other.pk})
    with scope(acme):
        assert {batch.parameters["from_email"] for batch in Batch.objects.all()} == {"other@acme.example"}


def test_its_end_locks_the_campaign_before_the_batch_as_pausing_and_cancelling_do(acme, four):
    with scope(acme), CaptureQueriesContext(connection) as captured:
        subscribers.mark_sent(BatchFinished(batch_id=four[0].pk))
    locks = [
        query["sql"].partition(' FROM "')[2].partition('"')[0] for query in captured if "FOR UPDATE" in query["sql"]
    ]
    assert locks == ["campaigns_campaign", "delivery_batch"]


def test_it_is_sent_when_the_last_batch_has_ended(acme, four, alice):
    with scope(acme):
        Batch.objects.filter(pk__in=[batch.pk for batch in four[1:]]).update(is_paused=True)
    send_all()
    assert recovering.finish_if_done(four[0].pk) or True
    with scope(acme):
        subscribers.mark_sent(BatchFinished(batch_id=four[0].pk))
        assert Batch.objects.get(pk=four[0].pk).finished_at
        assert the(acme).state == Campaign.State.SENDING and not Notification.objects.exists()
        Batch.objects.update(is_paused=False)
    send_all()
    with scope(acme):
        for batch in four[1:]:
            subscribers.mark_sent(BatchFinished(batch_id=batch.pk))
        assert the(acme).state == Campaign.State.SENT
        assert f"{N} sent" in Notification.objects.get().body


def test_the_kill_switch_stops_all(acme, four):
    control = Control.objects.create(kind="workspace", workspace=acme, reason="test")
    send_all()
    with scope(acme):
        assert not Message.objects.exclude(state=Message.State.QUEUED).exists()
    Control.objects.filter(pk=control.pk).delete()


def test_what_failed_is_tried_again_in_a_batch_for_each(acme, four, alice, as_user):
    send_all()
    with scope(acme):
        for batch in four[:2]:  # as if ten of two batches had been refused
            ids = list(Message.objects.filter(batch=batch).values_list("contact_id", flat=True)[:10])
            Message.objects.filter(batch=batch, contact_id__in=ids).update(state=Message.State.FAILED, reason="policy")
            batch.tally_set.filter(fact="accepted").update(n=batch.tallies()["accepted"] - 10)
            batch.tally_set.create(fact="failed", reason="policy", n=10)
        Batch.objects.update(state="finished")
    page = flat(as_user(alice).get(path(acme, "campaigns/{}/failures/")))
    assert ">20<" in page
    as_user(alice).post(path(acme, "campaigns/{}/failures/retry/"), {"reason": ["policy"]})
    with scope(acme):
        retries = batches.retries(the(acme))
        assert [retry.origin_id for retry in retries] == [batch.pk for batch in four[:2]]
        assert [part.number for part in CampaignBatch.objects.filter(reason="retry")] == [1, 2]
    for retry in retries:
        while not batching.fill(retry.pk):
            pass
    send_all()
    with scope(acme):
        report = CampaignReport(the(acme))
        assert (report.number("planned"), report.number("accepted"), report.number("failed")) == (N, N, 0)
        assert report.adds_up and report.failed_reasons == []


def test_a_batch_is_opened_once_for_each_reason_and_number(acme):
    with scope(acme):
        factories.contacts(3)
        campaign = factories.campaign()
        account = readiness.account_of(campaign)

        def open_again():
            return batches.open_once(campaign, batches.Reason.ZONE, 7, lambda: sending.open_batch(campaign, account))

        assert open_again() == open_again()
        assert Batch.objects.count() == 1


def test_strangers_and_viewers_change_nothing(acme, four, rita, charlie, as_user):
    for what in ("pause", "resume", "cancel"):
        assert as_user(rita).post(path(acme, f"campaigns/{{}}/{what}/")).status_code == 403
        assert as_user(charlie).post(path(acme, f"campaigns/{{}}/{what}/")).status_code == 404
    assert states(acme) == {"sending"}


def test_a_segment_means_all_batches_of_a_campaign(acme, four):
    """Whatever batch somebody's message was in; and the campaign is offered once."""
    send_all()
    with scope(acme):
        assert batch_groups.firsts().get() == four[0]
        rules = [{"on": "sent", "op": "campaign", "with": {"campaign": str(four[0].pk)}}]
        segment = {"version": 1, "match": "all", "rules": rules}
        assert audience.count(acme.pk, Audience(include=Groups(definitions=(segment,)))).people == N
