"""What comes into the archive: what real accounts took to people, once it has ended."""

import pytest

from campaigns.archive import filing
from campaigns.models import Archive, ArchiveEntry, Campaign
from delivery.models import ProviderAccount, Tally
from kernel.tenancy import scope
from tests.campaigns.archive.showing import open_archive, send


def filed(workspace) -> bool:
    with scope(workspace):
        return filing.filed().exists()


def test_what_went_to_the_sandbox_is_not_filed(acme, people):
    open_archive(acme)
    send(acme, is_real=False)
    assert not filed(acme)


@pytest.mark.parametrize("state", ["draft", "scheduled", "sending", "paused", "cancelled", "sent"])
def test_only_what_has_ended_is_filed(acme, people, state):
    open_archive(acme)
    campaign = send(acme)
    with scope(acme):
        ArchiveEntry.objects.all().delete()
        ProviderAccount.objects.update(provider="smtp")
        Campaign.objects.filter(pk=campaign.pk).update(state=state)
        filing.file_next()
    assert filed(acme) == (state == "sent")


@pytest.mark.parametrize("why", ["nobody got it", "a test", "trashed", "counted before"])
def test_some_that_were_sent_are_not_filed(acme, people, why):
    open_archive(acme)
    campaign = send(acme)
    with scope(acme):
        batch = campaign.first_batch
        ArchiveEntry.objects.all().delete()
        ProviderAccount.objects.update(provider="smtp")
        if why == "nobody got it":
            Tally.objects.filter(fact="accepted").update(n=0)
        elif why == "a test":
            batch.purpose = "test"
            batch.save()
        elif why == "trashed":
            Campaign.objects.get(pk=campaign.pk).discard()
        else:
            from templates_app import contents

            body = {**batch.content.body, "is_prepared": True}
            batch.content = contents.keep(channel="email", kind="html", body=body)
            batch.save()
        filing.file_next()
        assert not ArchiveEntry.objects.exists()


def test_the_end_of_a_campaign_has_it_filed_where_an_archive_is_open(acme, people, run_jobs):
    run_jobs()
    send(acme)
    assert "campaigns.file_in_archive" not in run_jobs(), "no archive, no work"
    with scope(acme):
        ArchiveEntry.objects.all().delete()
    open_archive(acme)
    send(acme, is_real=False)
    with scope(acme):
        Campaign.objects.update(state="sending")
        ProviderAccount.objects.update(provider="smtp")
    from campaigns import subscribers
    from delivery.events import BatchFinished

    with scope(acme):
        last = Campaign.objects.order_by("-id").first()
        subscribers.mark_sent(BatchFinished(batch_id=last.first_batch.pk))
    assert "campaigns.file_in_archive" in run_jobs()
    assert filed(acme)


def test_more_than_a_chunk_is_filed_and_a_choice_made_before_stays(acme, people, monkeypatch, run_jobs):
    monkeypatch.setattr(filing, "CHUNK", 1)
    archive = open_archive(acme)
    first, second = send(acme), send(acme)
    with scope(acme):
        ArchiveEntry.objects.all().delete()
        ArchiveEntry.objects.create(campaign=first, is_shown=False)
        ProviderAccount.objects.update(provider="smtp")
        filing.ask()
    assert run_jobs().count("campaigns.file_in_archive") >= 2
    with scope(acme):
        assert [entry.campaign_id for entry in filing.shown(archive)] == [second.pk]
        assert filing.filed().count() == 2 and Archive.objects.get().changed_at > archive.changed_at
