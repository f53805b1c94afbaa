"""What this app does on events of the apps below it."""

from accounts.notifying import notify
from campaigns import batches, notices
from campaigns.archive import filing
from campaigns.models import Campaign
from delivery import batching
from delivery.events import BatchFinished, BatchHeld
from delivery.models import Batch
from kernel.events import on


@on(BatchFinished)
def mark_sent(event: BatchFinished) -> None:
    """A batch has ended. The campaign has been sent when all of them have. The campaign is locked first, as whoever
    pauses or cancels does."""
    campaign = _locked(event.batch_id)
    batch = Batch.objects.select_for_update().filter(pk=event.batch_id).first()
    if batch is None or batch.finished_at is None or campaign is None:
        return
    if not campaign.is_under_way:
        filing.ask()  # a retry may have reached the first people
        return
    if any(batch.finished_at is None for batch in batches.sendings(campaign)):
        return
    campaign.state = Campaign.State.SENT
    campaign.save(update_fields=["state"])
    filing.ask()
    if campaign.created_by:
        tallies = batches.tallies_of([campaign])[campaign.pk]
        notify([campaign.created_by], lambda: notices.sent(campaign, tallies), email=True)


@on(BatchHeld)
def mark_paused(event: BatchHeld) -> None:
    """Sending was stopped by a problem. It continues when a member has fixed the problem and presses Resume."""
    campaign = _locked(event.batch_id)
    held = Batch.objects.filter(pk=event.batch_id, is_paused=True).exclude(problem="").first()
    # This event may come late: a member may have resumed or cancelled the campaign since.
    if campaign is None or held is None:
        return
    notice = notices.stopped
    if held.is_retry:
        notice = notices.retry_stopped
    else:
        # What is wrong with one is most likely wrong with all, and nothing more is sent until a person has seen it.
        for batch in batches.sendings(campaign):
            batching.pause(batch)
        campaign.state = Campaign.State.PAUSED
        campaign.save(update_fields=["state"])
    if campaign.created_by:
        notify([campaign.created_by], lambda: notice(campaign, held.problem), email=True)


def _locked(batch_id: int) -> Campaign | None:
    """The campaign of the batch, with its row locked. None if the batch is of no campaign."""
    part = batches.part_of(batch_id)
    return None if part is None else Campaign.objects.select_for_update().get(pk=part.campaign_id)


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag is merged into another one. While the people are moved, audiences name both tags, so that no exclusion is
    lost; afterwards (`gone`) the second one only. Sent campaigns change, too, because copies are made from them."""
    for campaign in Campaign.objects.filter(workspace_id=workspace_id).select_for_update():
        before = campaign.people
        after = before.following_tag(tag_id, into_id, gone=gone)
        if after != before:
            campaign.audience = after.data()
            campaign.save(update_fields=["audience"])
