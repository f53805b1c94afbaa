"""The tables of this app that grow without end, and for how long their rows are kept."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.partitions import ByMonth, Partitioned

TABLES = [
    Partitioned(
        "contacts_contactevent", "at", ByMonth(), label=_("People's events"), keep_days=lambda: settings.EVENT_DAYS
    ),
    Partitioned(
        "contacts_contactchange",
        "at",
        ByMonth(),
        label=_("Changes of contacts"),
        keep_days=lambda: settings.CHANGE_DAYS,
    ),
]
