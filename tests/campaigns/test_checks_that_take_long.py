"""Counting an audience may take seconds: a page does not wait for it, and nobody waits for a campaign's row."""

import pytest
from django.db import connections

from campaigns import jobs, readiness, sending
from campaigns.models import Campaign
from contacts.segments import counting
from delivery.models import Batch
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories

READY = "Ready to send?"


@pytest.fixture
def draft(acme):
    with scope(acme):
        factories.contacts(3)
        return factories.campaign()


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(act) calls `act` once while a campaign is checked."""

    def arrange(act) -> None:
        real, acts = readiness.blockers, [act]

        def blockers(campaign):
            found = real(campaign)
            while acts:
                acts.pop()()
            return found

        monkeypatch.setattr(readiness, "blockers", blockers)

    return arrange


def elsewhere(sql: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")  # a row that is locked meanwhile is a fault, and no test that hangs
        try:
            cursor.execute(sql)
        finally:
            cursor.execute("RESET lock_timeout")


def test_in_a_large_workspace_the_page_comes_before_its_checks(acme, alice, as_user, draft, monkeypatch):
    monkeypatch.setattr(counting, "SMALL", 2)
    client, url = as_user(alice), f"/w/acme/campaigns/{draft.pk}/"
    with monkeypatch.context() as patched:
        patched.setattr(readiness, "checks", lambda campaign: pytest.fail("the page waits for the checks"))
        page = client.get(url).content.decode()
    assert 'hx-get="?checks=1"' in page and "will receive this" not in page and "/send/" not in page
    fragment = client.get(url + "?checks=1", headers={"HX-Request": "true"}).content.decode()
    assert "3 people will receive this." in fragment and "/send/" in fragment and "<html" not in fragment
    without_script = client.get(url + "?checks=1").content.decode()
    assert "3 people will receive this." in without_script and "<html" in without_script


def test_in_a_small_workspace_the_checks_are_there_at_once(alice, as_user, draft):
    assert "3 people will receive this." in as_user(alice).get(f"/w/acme/campaigns/{draft.pk}/").content.decode()


def test_checks_that_come_after_the_campaign_was_sent_load_the_page(acme, alice, as_user, draft):
    with scope(acme):
        sending.start(draft.pk)
    answer = as_user(alice).get(f"/w/acme/campaigns/{draft.pk}/?checks=1", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/w/acme/campaigns/{draft.pk}/"


def test_nobody_waits_for_the_row_while_it_is_checked(acme, draft, meanwhile):
    """A campaign that is checked can be changed; what was checked is then not sent."""
    meanwhile(lambda: elsewhere(f"UPDATE campaigns_campaign SET subject = 'x' WHERE id = {draft.pk}"))
    with scope(acme), pytest.raises(sending.Changed, match="just been changed"):
        sending.start(draft.pk)
    with scope(acme):
        assert not Batch.objects.exists()


def test_the_template_that_was_checked_is_sent(acme, draft, meanwhile):
    meanwhile(lambda: elsewhere(f"UPDATE templates_app_messagetemplate SET html = 'x' WHERE id = {draft.template_id}"))
    with scope(acme):
        batch = sending.start(draft.pk).first_batch
        assert MessageTemplate.objects.get().html == "x"
        assert "Unsubscribe" in batch.content.body["html"]


@pytest.mark.parametrize("state", ["draft", "sending"])
def test_a_schedule_that_somebody_ended_while_it_was_checked_sends_and_tells_nothing(
    acme, draft, meanwhile, run_jobs, state
):
    with scope(acme):
        Campaign.objects.all().delete()
        campaign = factories.scheduled()
    meanwhile(lambda: elsewhere(f"UPDATE campaigns_campaign SET state = '{state}' WHERE id = {campaign.pk}"))
    jobs.fire_schedules()
    run_jobs()
    with scope(acme):
        assert not Batch.objects.exists()
        assert Campaign.objects.get().state == state
