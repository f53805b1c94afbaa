"""Notifications of this app, one function per notice."""

from django.utils.translation import gettext as _

from accounts.notifying import Notice
from campaigns.models import Campaign
from kernel.links import workspace_url


def sent(campaign: Campaign, tallies: dict) -> Notice:
    return Notice(
        title=_("“%(campaign)s” is sent") % {"campaign": campaign.name},
        body=_("%(accepted)d sent, %(failed)d failed, %(skipped)d skipped.")
        % {name: tallies.get(name, 0) for name in ("accepted", "failed", "skipped")},
        path=workspace_url(campaign.workspace, "reports:campaign", pk=campaign.pk),
        level="success",
    )


def held(campaign: Campaign, problem: str) -> Notice:
    return Notice(
        title=_("“%(campaign)s” was not sent") % {"campaign": campaign.name},
        body=problem or _("Its time passed more than two hours ago. Look at it, then send or schedule it again."),
        path=workspace_url(campaign.workspace, "campaigns:show", pk=campaign.pk),
        level="warning",
    )


def retry_stopped(campaign: Campaign, problem: str) -> Notice:
    return Notice(
        title=_("What failed in “%(campaign)s” is not tried again") % {"campaign": campaign.name},
        body=problem,
        path=workspace_url(campaign.workspace, "campaigns:failures", pk=campaign.pk),
        level="warning",
    )


def stopped(campaign: Campaign) -> Notice:
    return Notice(
        title=_("“%(campaign)s” is paused") % {"campaign": campaign.name},
        body=campaign.opened_batch.problem,
        path=workspace_url(campaign.workspace, "campaigns:show", pk=campaign.pk),
        level="warning",
    )
