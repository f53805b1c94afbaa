"""The recipients of a campaign as a file: made in the background, with what the page shows, in the reader's language."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from analytics.recipients import gone_after
from campaigns import readiness
from campaigns.models import CampaignBatch
from contacts.exports import parts
from contacts.models import Contact, Export
from delivery.models import Batch, Message
from kernel.tenancy import scope
from tests import factories

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def batch_of(campaign) -> Batch:
    account = readiness.account_of(campaign)
    return Batch.objects.create(name="News", account=account, expires_at=timezone.now())


def add_batch(campaign, batch: Batch) -> None:
    CampaignBatch.objects.create(campaign=campaign, batch=batch, reason=CampaignBatch.Reason.MAIN, number=1)
    campaign.started_at = timezone.now()
    campaign.save(update_fields=["started_at"])


@pytest.fixture
def sent(acme):
    """A campaign with a batch of three: one sent and opened, one skipped, one whose name is a formula and who failed."""
    with scope(acme):
        campaign = factories.campaign(name="Été")
        batch = batch_of(campaign)
        add_batch(campaign, batch)
        ana, ben, eve = factories.contacts(3)
        Contact.objects.filter(pk=eve.pk).update(first_name="=1+1")
        for person, values in (
            (ana, {"state": Message.State.ACCEPTED, "settled_at": AT, "opened_at": AT}),
            (ben, {"state": Message.State.SKIPPED, "reason": "unsubscribed", "settled_at": AT}),
            (eve, {"state": Message.State.FAILED, "reason": "user_unknown", "settled_at": AT}),
        ):
            Message.objects.create(batch=batch, contact=person, **values)
    return campaign


def test_of_no_batches_nothing_is_gone(db):
    assert gone_after([]) == 0


def recipients(campaign) -> str:
    return f"/w/acme/reports/campaigns/{campaign.pk}/recipients/"


def rows_of(export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(parts.stream(export)).decode("utf-8-sig"))))


def exported(acme, run_jobs) -> Export:
    run_jobs()
    with scope(acme):
        return Export.objects.latest("pk")


def test_the_file_is_made_by_a_job_and_holds_every_recipient(acme, bob, as_user, run_jobs, sent):
    client = as_user(bob)
    answer = client.post(recipients(sent) + "export/", {"state": ""})
    with scope(acme):
        assert Export.objects.get().state == "running"  # nothing was read in the request
    made = exported(acme, run_jobs)
    assert (made.state, made.name, made.rows) == ("done", "recipients-ete.csv", 3)
    assert rows_of(made) == [
        ["E-mail", "First name", "Last name", "State", "Reason", "Sent", "Opened", "Clicked"],
        ["p0@example.com", "P0", "", "Sent", "", "2026-11-28T09:30:00Z", "2026-11-28T09:30:00Z", ""],
        ["p1@example.com", "P1", "", "Skipped", "Unsubscribed", "", "", ""],
        ["p2@example.com", "'=1+1", "", "Failed", "Address doesn't exist", "", "", ""],
    ]
    page = client.get(answer["Location"]).content.decode()
    assert "Download" in page and "Recipients of a campaign" in page
    assert "recipients-ete.csv" in client.get("/w/acme/contacts/exports/").content.decode()
    assert b"p1@example.com" in b"".join(client.get(answer["Location"] + "download/").streaming_content)
    with scope(acme):
        assert Notification.objects.of(bob).get().title == "recipients-ete.csv is ready"
        entry = AuditEntry.objects.get(verb="recipients.exported")
        assert (entry.record_id, entry.detail) == (sent.pk, {"export": made.pk})
        assert AuditEntry.objects.filter(verb__in=("export.asked", "export.downloaded")).count() == 2


@pytest.mark.parametrize(
    "state, emails",
    [
        ("opened", ["p0@example.com"]),
        ("clicked", []),
        (str(Message.State.SKIPPED), ["p1@example.com"]),
        ("99", ["p0@example.com", "p1@example.com", "p2@example.com"]),
        ("1 OR TRUE", ["p0@example.com", "p1@example.com", "p2@example.com"]),
    ],
)
def test_the_pages_filter_is_kept(acme, bob, as_user, run_jobs, sent, state, emails):
    as_user(bob).post(recipients(sent) + "export/", {"state": state})
    assert [row[0] for row in rows_of(exported(acme, run_jobs))[1:]] == emails


def test_the_button_sends_the_filter_that_is_shown(acme, bob, as_user, sent):
    fragment = as_user(bob).get(recipients(sent), {"state": "opened"}, headers={"HX-Request": "true"}).content.decode()
    assert 'name="state" value="opened"' in fragment


def test_columns_states_and_reasons_are_in_the_readers_language(acme, bob, as_user, run_jobs, sent):
    bob.language = "fr"
    bob.save(update_fields=["language"])
    as_user(bob).post(recipients(sent) + "export/")
    head, first, second, _third = rows_of(exported(acme, run_jobs))
    assert head[:2] == ["E-mail", "Prénom"] and first[3] == "Envoyé" and second[4] == "Désabonné"


def test_another_campaign_and_another_workspace_are_not_in_it(acme, beta, bob, as_user, run_jobs, sent):
    with scope(acme):
        other, theirs = batch_of(sent), sent.parts.get().batch_id
        (person,) = Contact.objects.bulk_create([Contact(email="other@example.com")])
        Message.objects.create(batch=other, contact=person)
    with scope(beta):
        (stranger,) = factories.contacts(1)
        Message.objects.create(batch_id=theirs, contact=stranger, settled_at=timezone.now())
    as_user(bob).post(recipients(sent) + "export/")
    assert len(rows_of(exported(acme, run_jobs))) == 1 + 3


def test_who_may_not_export_reports_gets_neither_button_nor_file(acme, rita, charlie, as_user, sent):
    assert "recipients/export/" not in as_user(rita).get(recipients(sent)).content.decode()
    assert as_user(rita).post(recipients(sent) + "export/").status_code == 403
    assert as_user(charlie).post(recipients(sent) + "export/").status_code == 404
    assert as_user(rita).get(recipients(sent) + "export/").status_code == 405
    with scope(acme):
        assert not Export.objects.exists()
