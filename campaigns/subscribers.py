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


def follow_tag(tag_id: int, into_id: int) -> None:
    """A tag becomes part of another one: campaigns not sent yet mean both from now on, so that no exclusion falls away
    while, or after, the people are moved."""
    waiting = Campaign.objects.filter(state__in=[Campaign.State.DRAFT, Campaign.State.SCHEDULED])
    for campaign in waiting.select_for_update():
        before = dict(campaign.audience)
        for side in ("include", "exclude"):
            if tag_id in (ids := before.get(side) or []):
                campaign.audience[side] = [*ids, into_id] if into_id not in ids else ids
        if campaign.audience != before:
            campaign.save(update_fields=["audience"])
