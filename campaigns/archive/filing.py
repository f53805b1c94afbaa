"""Which campaigns the archive has: those that were sent to people, once they have ended."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from campaigns.archive import for_nobody
from campaigns.models import Archive, ArchiveEntry, Campaign, CampaignBatch
from delivery.models import Batch, Tally
from delivery.registry import FIRST
from kernel.jobs import enqueue

CHUNK = 20  # each may take half a second to evaluate


def ask() -> None:
    """Have the campaigns filed that have ended, if the workspace's archive is open."""
    if Archive.objects.filter(is_open=True).exists():
        enqueue("campaigns.file_in_archive")


def file_next() -> bool:
    """File some of the campaigns that aren't yet. Returns True when all are. Safe to run twice."""
    waiting = list(_not_filed()[:CHUNK])
    parts = {campaign.pk: campaign.batch_shown for campaign in waiting}
    batches = Batch.objects.select_related("content").in_bulk(parts.values())
    for campaign in waiting:
        _file(campaign, batches[parts[campaign.pk]])
    if waiting:
        for archive in Archive.objects.all():
            archive.touch()
    return len(waiting) < CHUNK


def shown(archive: Archive) -> QuerySet[ArchiveEntry]:
    """What the archive shows at this moment."""
    chosen = Q(is_shown=True) | Q(is_shown=None) if archive.shows_all else Q(is_shown=True)
    return filed().filter(chosen)


def filed() -> QuerySet[ArchiveEntry]:
    """The campaigns that the archive could show, in the active workspace."""
    return ArchiveEntry.objects.filter(sent_at__isnull=False, campaign__deleted_at=None, batch__content__isnull=False)


def of_campaign(campaign: Campaign) -> dict[str, Any]:
    """For the campaign's page: the open archive, what was decided in it, and where the message is shown."""
    archive = Archive.objects.select_related("workspace").filter(is_open=True).first()
    if archive is None or campaign.channel != FIRST:
        return {}
    entry = ArchiveEntry.objects.filter(campaign=campaign).first() or ArchiveEntry(campaign=campaign)
    is_shown = entry.pk is not None and shown(archive).filter(pk=entry.pk).exists()
    address = archive.address("newsletters:show", message=entry.slug) if is_shown else ""
    return {"archive": archive, "entry": entry, "archive_address": address}


def _file(campaign: Campaign, batch: Batch) -> None:
    subject = for_nobody.line_of(batch, "subject")
    ArchiveEntry.objects.update_or_create(
        campaign=campaign,
        defaults={
            "batch": batch,
            "sent_at": campaign.started_at,
            "subject": subject,
            "preheader": for_nobody.line_of(batch, "preheader"),
        },
    )


def _not_filed() -> QuerySet:
    filed_already = ArchiveEntry.objects.filter(campaign=OuterRef("pk"), sent_at__isnull=False)
    ended = Campaign.objects.present().filter(state=Campaign.State.SENT, channel=FIRST, started_at__isnull=False)
    ended = ended.annotate(batch_shown=Subquery(_batch_that_reached_people().values("batch_id")[:1]))
    return ended.filter(~Exists(filed_already), batch_shown__isnull=False).order_by("-id")


def _batch_that_reached_people() -> QuerySet[CampaignBatch]:
    """Of a campaign: the oldest batch that a real account took to somebody. Not one of before contents were rows, which
    has counted links and the pixel in it."""
    accepted = Tally.objects.filter(batch=OuterRef("batch_id"), fact="accepted", n__gt=0)
    of_campaign = CampaignBatch.objects.filter(campaign=OuterRef("pk"), batch__purpose=Batch.Purpose.MARKETING)
    real = of_campaign.exclude(batch__account__provider="sandbox").exclude(batch__content=None)
    return real.exclude(batch__content__body__has_key="is_prepared").filter(Exists(accepted)).order_by("batch_id")
