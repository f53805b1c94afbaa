"""What this app does on events of the apps below it."""

from accounts.notifying import notify
from campaigns import notices
from campaigns.models import Campaign
from delivery.events import BatchFinished, BatchHeld
from delivery.models import Batch
from kernel.events import on


@on(BatchFinished)
def mark_sent(event: BatchFinished) -> None:
    batch = Batch.objects.select_for_update().filter(pk=event.batch_id).first()
    campaign = Campaign.objects.select_for_update().filter(batch_id=event.batch_id).first()
    if batch is None or batch.finished_at is None or campaign is None or not campaign.is_under_way:
        return
    campaign.state = Campaign.State.SENT
    campaign.save(update_fields=["state"])
    if campaign.created_by:
        tallies = campaign.opened_batch.tallies()
        notify([campaign.created_by], lambda: notices.sent(campaign, tallies), email=True)


@on(BatchHeld)
def mark_paused(event: BatchHeld) -> None:
    """Sending was stopped by a problem. It continues when a member has fixed the problem and presses Resume."""
    campaign = Campaign.objects.select_for_update().filter(batch_id=event.batch_id).first()
    if campaign is None:
        _notify_of_held_retry(event.batch_id)
        return
    # This event may come late: a member may have resumed or cancelled the campaign since.
    if not campaign.opened_batch.is_paused or not campaign.opened_batch.problem:
        return
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    if campaign.created_by:
        notify([campaign.created_by], lambda: notices.stopped(campaign), email=True)


def _notify_of_held_retry(batch_id: int) -> None:
    """The held batch may be a retry, which tries failed messages again in a batch of its own."""
    retry = Batch.objects.filter(pk=batch_id, is_paused=True).first()
    if retry is None or retry.origin_id is None:
        return
    problem = retry.problem
    campaign = Campaign.objects.filter(batch_id=retry.origin_id).first()
    if campaign and campaign.created_by:
        notify([campaign.created_by], lambda: notices.retry_stopped(campaign, problem), email=True)


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag is merged into another one. While the people are moved, audiences name both tags, so that no exclusion is
    lost; afterwards (`gone`) the second one only. Sent campaigns change, too, because copies are made from them."""
    for campaign in Campaign.objects.filter(workspace_id=workspace_id).select_for_update():
        before = campaign.people
        after = before.following_tag(tag_id, into_id, gone=gone)
        if after != before:
            campaign.audience = after.data()
            campaign.save(update_fields=["audience"])
