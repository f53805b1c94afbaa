"""What this app does when something happens below it."""

from accounts.notifying import notify
from campaigns import notices
from campaigns.models import Campaign
from delivery.events import BatchFinished, BatchHeld
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
    if campaign is None or campaign.state != Campaign.State.SENDING:
        return
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    if campaign.created_by:
        notify([campaign.created_by], lambda: notices.stopped(campaign), email=True)
