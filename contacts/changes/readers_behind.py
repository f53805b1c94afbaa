"""Finds readers of contacts' changes that do not keep up, before anything is lost to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from contacts.changes.reading import READERS
from contacts.models import ChangeReader

MOST_HOURS = 6


def find() -> list[tuple[str, datetime | None]]:
    """(name, until when it has read everything) of each reader that is behind by hours; None for one that has never
    begun, so that all changes pass it by. One that has begun and does not exist any more is none."""
    late = timezone.now() - timedelta(hours=MOST_HOURS)
    begun = dict(ChangeReader.objects.filter(name__in=READERS.names()).values_list("name", "upto"))
    found = {name: begun.get(name) for name in sorted(READERS.names())}
    return [(name, upto) for name, upto in found.items() if upto is None or upto < late]
