"""The tables of this app that grow without end, and for how long their rows are kept."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.partitions import ByIds, ByMonth, Partitioned

TABLES = [
    # By ids of batches: they rise with time, and each statement about messages names its batch.
    Partitioned(
        "delivery_message",
        "batch_id",
        ByIds(clock="delivery_batch"),
        label=_("Messages"),
        keep_days=lambda: settings.MESSAGE_DAYS,
        storage="fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05",  # room for HOT updates, see 0001_initial
    ),
    Partitioned("delivery_hit", "at", ByMonth(), label=_("Opens and clicks"), keep_days=lambda: settings.HIT_DAYS),
]
