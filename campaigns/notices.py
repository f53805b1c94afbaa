"""Notifications of this app, one function per notice."""

from django.utils.translation import gettext as _

from accounts.notifying import Notice
from campaigns.models import Campaign
from kernel.links import workspace_url
from kernel.templatetags.ui import number


def sent(campaign: Campaign, tallies: dict) -> Notice:
    return Notice(
        title=_("“%(campaign)s” has been sent") % {"campaign": campaign.name},
        body=_("%(accepted)s sent, %(failed)s failed, %(skipped)s skipped.")
        % {name: number(tallies.get(name, 0)) for name in ("accepted", "failed", "skipped")},
        path=workspace_url(campaign.workspace, "reports:campaign", pk=campaign.pk),
        level="success",
    )


def held(campaign: Campaign, problem: str) -> Notice:
    return Notice(
        title=_("“%(campaign)s” was not sent") % {"campaign": campaign.name},
        body=problem
        or _("Its scheduled time passed more than two hours ago. Check it, then send or schedule it again."),
        path=workspace_url(campaign.workspace, "campaigns:show", pk=campaign.pk),
        level="warning",
    )


def retry_stopped(campaign: Campaign, problem: str) -> Notice:
    return Notice(
        title=_("Failed messages of “%(campaign)s” could not be retried") % {"campaign": campaign.name},
        body=problem,
        path=workspace_url(campaign.workspace, "campaigns:failures", pk=campaign.pk),
        level="warning",
    )


def stopped(campaign: Campaign, problem: str) -> Notice:
    return Notice(
        title=_("“%(campaign)s” is paused") % {"campaign": campaign.name},
        body=problem,
        path=workspace_url(campaign.workspace, "campaigns:show", pk=campaign.pk),
        level="warning",
    )
