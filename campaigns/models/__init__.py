from .archive import Archive, ArchiveEntry
from .campaign import Campaign
from .campaign_batch import CampaignBatch

__all__ = ["Archive", "ArchiveEntry", "Campaign", "CampaignBatch"]
