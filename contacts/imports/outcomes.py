"""What the page of an import says about it when the file is gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from contacts.models import ContactImport, RejectedRow

# A chunk takes seconds. After this time without one, the page says that the import goes on by itself.
STALLED_AFTER = dt.timedelta(minutes=3)


@dataclass(frozen=True)
class Retry:
    """An import of mended rows, and how many of the original's rejected rows it took."""

    contact_import: ContactImport
    rows: int


def original_of(contact_import: ContactImport) -> ContactImport | None:
    """The import whose rejected rows this one holds."""
    return ContactImport.objects.filter(pk=contact_import.retry_of_id).first() if contact_import.retry_of_id else None


def retries_of(contact_import: ContactImport) -> list[Retry]:
    """The imports that took rejected rows of this one, oldest first."""
    taken = RejectedRow.objects.filter(contact_import=contact_import, imported_by_id__isnull=False)
    counts = dict(taken.values_list("imported_by_id").annotate(n=Count("pk")))
    found = ContactImport.objects.filter(pk__in=counts).order_by("pk")
    return [Retry(retry, counts[retry.pk]) for retry in found]


def is_stalled(contact_import: ContactImport) -> bool:
    """Whether the import is running, and nothing was heard of it for a while: its worker may be gone."""
    if contact_import.state != ContactImport.State.RUNNING or contact_import.job is None:
        return False
    return contact_import.job.updated_at < timezone.now() - STALLED_AFTER
