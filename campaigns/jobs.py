"""Background work of this app."""

from accounts.notifying import members_who_may, notify
from campaigns import notices, scheduling, sending
from campaigns.archive import filing
from campaigns.models import Campaign
from kernel.jobs import enqueue, job
from kernel.tenancy import scope


@job(scoped=False)
def fire_schedules() -> None:
    """Start the campaigns that are due: one job for each, so that an error in one workspace does not affect another."""
    for campaign in scheduling.due():
        with scope(campaign.workspace_id):
            enqueue("campaigns.fire", campaign_id=campaign.pk)


@job()
def fire(*, campaign_id: int) -> None:
    """Start a scheduled campaign. Safe to run twice: `sending.start` locks the campaign's row, and refuses one that was
    started, unscheduled or changed meanwhile."""
    campaign = Campaign.objects.present().filter(pk=campaign_id).first()
    if campaign is None or campaign.state != sending.State.SCHEDULED:
        return
    if scheduling.is_too_late(campaign):
        problem = ""
    else:
        try:
            sending.start(campaign_id)
            return
        except sending.Changed:
            return
        except sending.Refused as refusal:
            problem = str(refusal)
    if scheduling.hold(campaign_id):
        notify(members_who_may("campaigns.send"), lambda: notices.held(campaign, problem), email=True)


@job()
def file_in_archive() -> None:
    """File the campaigns that have ended in the archive, some at a time. Safe to run twice."""
    if not filing.file_next():
        enqueue("campaigns.file_in_archive")
