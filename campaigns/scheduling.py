"""Schedules: a wall time and a zone are stored, together with the instant that they mean, computed once."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.sending import Refused, State, checked, locked
from kernel.tenancy import across_workspaces


def moment(wall: datetime, zone: str) -> datetime:
    """The instant at which clocks in `zone` show `wall`. If that happens twice (clocks go back), the first time.

    Raises Refused for a time that does not exist, because the clocks go forward over it.
    """
    local = wall.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=0)
    instant = local.astimezone(zoneinfo.ZoneInfo("UTC"))
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall:
        raise Refused(
            _("%(time)s doesn't exist in %(zone)s because the clocks go forward. Choose an earlier or later time.")
            % {"time": wall.strftime("%Y-%m-%d %H:%M"), "zone": zone}
        )
    return instant


def schedule(pk: int, wall: datetime, zone: str) -> Campaign:
    """Schedule a draft, or change its schedule. Raises Refused."""
    campaign = checked(pk)
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
    """At most 100 scheduled campaigns of all workspaces whose time has come, the earliest first."""
    with across_workspaces("one query finds the due schedules of all workspaces"):
        return list(
            Campaign.objects.filter(state=State.SCHEDULED, fires_at__lte=timezone.now()).order_by("fires_at")[:100]
        )


def is_too_late(campaign: Campaign) -> bool:
    """Whether a campaign missed its time, such as in an outage. It is held then, because nobody chose the new hour."""
    return campaign.fires_at is not None and campaign.fires_at < timezone.now() - timedelta(
        hours=settings.SCHEDULE_GRACE_HOURS
    )


def hold(pk: int) -> bool:
    """Make a scheduled campaign a draft again. False if it isn't scheduled any more."""
    campaign = locked(pk)
    if campaign.state != State.SCHEDULED:
        return False
    campaign.state, campaign.fires_at = State.DRAFT, None
    campaign.save(update_fields=["state", "fires_at"])
    return True
