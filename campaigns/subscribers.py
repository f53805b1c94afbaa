"""What this app does when something happens below it."""

from accounts.notifying import notify
from campaigns import notices
from campaigns.models import Campaign
from delivery.events import BatchFinished, BatchHeld
from delivery.models import Batch
from kernel.events import on


@on(BatchFinished)
def mark_sent(event: BatchFinished) -> None:
    campaign = Campaign.objects.select_for_update().filter(batch_id=event.batch_id).first()
    if campaign is None or not campaign.is_under_way:
        return
    campaign.state = Campaign.State.SENT
    campaign.save(update_fields=["state"])
    if campaign.created_by:
        tallies = campaign.batch.tallies()
        notify([campaign.created_by], lambda: notices.sent(campaign, tallies), email=True)


@on(BatchHeld)
def mark_paused(event: BatchHeld) -> None:
    """It goes on when a member has mended what the notice says and presses Resume."""
    campaign = Campaign.objects.select_for_update().filter(batch_id=event.batch_id).first()
    if campaign is None:
        return _tell_of_retry(event.batch_id)
    # Late: a member may have resumed or cancelled it since.
    if not campaign.batch.is_paused or not campaign.batch.problem:
        return
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    if campaign.created_by:
        notify([campaign.created_by], lambda: notices.stopped(campaign), email=True)


def _tell_of_retry(batch_id: int) -> None:
    """What failed is being tried again in a batch of its own, and that one is held."""
    retry = Batch.objects.filter(pk=batch_id, is_paused=True).exclude(origin_id=None).first()
    campaign = retry and Campaign.objects.filter(batch_id=retry.origin_id).first()
    if campaign and campaign.created_by:
        notify([campaign.created_by], lambda: notices.retry_stopped(campaign, retry.problem), email=True)


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag becomes part of another one: campaigns mean both while the people are moved, so that no exclusion falls
    away, then the second alone. Sent ones, too: they are what copies are made of."""
    for campaign in Campaign.objects.filter(workspace_id=workspace_id).select_for_update():
        before = campaign.people
        after = before.following_tag(tag_id, into_id, gone=gone)
        if after != before:
            campaign.audience = after.data()
            campaign.save(update_fields=["audience"])
