from .campaign import Campaign
from .campaign_batch import CampaignBatch

__all__ = ["Campaign", "CampaignBatch"]
