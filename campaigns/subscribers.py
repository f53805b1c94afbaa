"""What this app does when something happens below it."""

from accounts.notifying import notify
from campaigns import notices
from campaigns.models import Campaign
from delivery.events import BatchFinished
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
