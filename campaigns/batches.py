"""The batches of a campaign: opened once each by reason and number; what they say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign, CampaignBatch
from delivery import totals
from delivery.models import Batch
from templates_app import versions
from templates_app.models import LARGE, TemplateVersion

Reason = CampaignBatch.Reason

# For delivery.batch_groups.
TOGETHER = """
    SELECT other.batch_id FROM campaigns_campaignbatch one
    JOIN campaigns_campaignbatch other ON other.workspace_id = one.workspace_id AND other.campaign_id = one.campaign_id
    WHERE one.workspace_id = {workspace} AND one.batch_id = {batch}"""


def followers() -> QuerySet:
    """The ids of all batches of campaigns but the first of each."""
    earlier = CampaignBatch.objects.filter(campaign=OuterRef("campaign"), batch_id__lt=OuterRef("batch_id"))
    return CampaignBatch.objects.filter(Exists(earlier)).values("batch_id")


def open_once(campaign: Campaign, reason: Reason, number: int, open_batch: Callable[[], Batch]) -> Batch:
    """The campaign's batch of this reason and number, opened now if there was none. Call it with the campaign's row
    locked: a job that runs twice, or two people at once, open one batch."""
    found = campaign.parts.select_related("batch").filter(reason=reason, number=number).first()
    if found is not None:
        return found.batch
    batch = open_batch()
    version = versions.freeze(campaign.template) if campaign.template else None
    CampaignBatch.objects.create(campaign=campaign, batch=batch, reason=reason, number=number, version=version)
    return batch


def add_retry(campaign: Campaign, batch: Batch) -> None:
    """Record a retry of one of the campaign's batches. Call it with the campaign's row locked."""
    number = campaign.parts.filter(reason=Reason.RETRY).count() + 1
    tried = campaign.parts.get(batch=batch.origin_id)
    CampaignBatch.objects.create(
        campaign=campaign, batch=batch, reason=Reason.RETRY, number=number, version_id=tried.version_id
    )


def of_campaign(campaign: Campaign) -> list[Batch]:
    """All of its batches with their accounts, the oldest first."""
    return [part.batch for part in campaign.parts.select_related("batch__account")]


def versions_of(campaign: Campaign) -> list[TemplateVersion]:
    """The versions of templates that were sent, with their templates."""
    sent = campaign.parts.exclude(version=None).values("version")
    large = [f"template__{name}" for name in LARGE]
    found = TemplateVersion.objects.filter(pk__in=sent).select_related("template").defer(*large)
    return list(found.order_by("pk"))


def sendings(campaign: Campaign) -> list[Batch]:
    """All but the retries: the campaign is under way while one of them is."""
    return [batch for batch in of_campaign(campaign) if not batch.is_retry]


def retries(campaign: Campaign) -> list[Batch]:
    return [batch for batch in of_campaign(campaign) if batch.is_retry]


def part_of(batch_id: int) -> CampaignBatch | None:
    return CampaignBatch.objects.select_related("campaign").filter(batch_id=batch_id).first()


def ids_by_campaign(campaigns: Iterable[Campaign]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {campaign.pk: [] for campaign in campaigns}
    rows = CampaignBatch.objects.filter(campaign_id__in=found).order_by("batch_id")
    for campaign_id, batch_id in rows.values_list("campaign_id", "batch_id"):
        found[campaign_id].append(batch_id)
    return found


def tallies_of(campaigns: Sequence[Campaign]) -> dict[int, Counter[str]]:
    """The totals of each campaign by fact: two queries for all of them."""
    found = totals.of_each(ids_by_campaign(campaigns))
    return {campaign_id: totals.by_fact(facts) for campaign_id, facts in found.items()}
