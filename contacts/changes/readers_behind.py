"""Finds readers of contacts' changes that do not keep up, before anything is lost to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from contacts.changes.reading import READERS
from contacts.models import ChangeReader

MOST_HOURS = 6


def find() -> list[tuple[str, datetime]]:
    """(name, when it had last read everything) of each reader that was behind for hours. One that has begun and does
    not exist any more is none."""
    late = timezone.now() - timedelta(hours=MOST_HOURS)
    rows = ChangeReader.objects.filter(name__in=READERS.names(), upto__lt=late).order_by("name")
    return list(rows.values_list("name", "upto"))
