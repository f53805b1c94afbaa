"""Sending at a time on a clock: wall time and zone are stored, and what they mean is worked out once."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import readiness
from campaigns.models import Campaign
from campaigns.sending import Refused, State, locked
from kernel.tenancy import across_workspaces


def moment(wall: datetime, zone: str) -> datetime:
    """The instant when that clock shows that time. In the hour that occurs twice, the first. Raises Refused for a time
    that does not occur, because the clocks go forward over it."""
    local = wall.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=0)
    instant = local.astimezone(zoneinfo.ZoneInfo("UTC"))
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall:
        raise Refused(
            _("%(time)s doesn't exist in %(zone)s because the clocks go forward. Choose an earlier or later time.")
            % {"time": wall.strftime("%Y-%m-%d %H:%M"), "zone": zone}
        )
    return instant


def schedule(pk: int, wall: datetime, zone: str) -> Campaign:
    """Raises Refused."""
    campaign = locked(pk)
    if campaign.state not in (State.DRAFT, State.SCHEDULED):
        raise Refused(_("This campaign has already been started."))
    found = readiness.blockers(campaign)
    if found:
        raise Refused(found[0].text)
    fires_at = moment(wall, zone)
    if fires_at <= timezone.now():
        raise Refused(_("This time has passed. Choose a later one, or send now."))
    if fires_at > timezone.now() + timedelta(days=366):
        raise Refused(_("This is more than a year away. Choose an earlier date."))
    campaign.state, campaign.zone, campaign.fires_at = State.SCHEDULED, zone, fires_at
    campaign.wall_time = wall.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))
    campaign.save()
    return campaign


def due() -> list[Campaign]:
    """Scheduled campaigns whose time has come, in every workspace."""
    with across_workspaces("schedules are looked at for all workspaces in one query"):
        return list(
            Campaign.objects.filter(state=State.SCHEDULED, fires_at__lte=timezone.now()).order_by("fires_at")[:100]
        )


def is_too_late(campaign: Campaign) -> bool:
    """After an outage a campaign is held for a person to decide, not sent at an hour nobody chose."""
    return campaign.fires_at < timezone.now() - timedelta(hours=settings.SCHEDULE_GRACE_HOURS)


def hold(pk: int) -> None:
    campaign = locked(pk)
    if campaign.state == State.SCHEDULED:
        campaign.state, campaign.fires_at = State.DRAFT, None
        campaign.save(update_fields=["state", "fires_at"])
