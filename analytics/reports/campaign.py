"""The report of one campaign. Every figure is a tally, so the page costs the same for ten recipients and a million."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from analytics.charts import Bar
from campaigns.models import Campaign
from delivery import batching
from delivery.models import Batch, HourlyHits, TrackedLink
from delivery.models.hit import Hit
from delivery.models.message import reason_text

HOURS_SHOWN = 48


@dataclass
class CampaignReport:
    campaign: Campaign
    batch: Batch

    def __post_init__(self):
        self.tallies = Counter(self.batch.tallies())
        self._reasons = batching.reasons(self.batch)

    def number(self, fact: str) -> int:
        """Messages that `fact` holds for."""
        return self.open if fact == "open" else self.tallies.get(fact, 0)

    @property
    def open(self) -> int:
        return batching.open_count(self.tallies)

    @property
    def delivered(self) -> int:
        """Taken by the recipient's side and not returned. SMTP tells of bounces, not of deliveries."""
        return self.number("accepted")

    @property
    def ends(self) -> list[tuple[str, int]]:
        """How the planned messages ended; the numbers add up to what was planned."""
        facts = ["accepted", "skipped", "failed", "unknown", "cancelled", "expired", "open"]
        return [(fact, self.number(fact)) for fact in facts]

    @property
    def adds_up(self) -> bool:
        return self.number("planned") == sum(n for _, n in self.ends)

    def reasons(self, fact: str) -> list[tuple[str, int]]:
        return [(reason_text(reason), n) for reason, n in self._reasons.get(fact, [])]

    @property
    def skipped_reasons(self):
        return self.reasons("skipped")

    @property
    def failed_reasons(self):
        return self.reasons("failed")

    @property
    def unknown_reasons(self):
        return self.reasons("unknown")

    @property
    def links(self) -> list[TrackedLink]:
        return list(TrackedLink.objects.filter(batch=self.batch).order_by("-clicks", "n")[:100])

    @property
    def opens_over_time(self) -> list[Bar]:
        """First opens by the hour, the first two days, hours without any included."""
        rows = HourlyHits.objects.filter(batch_id=self.batch.pk, kind=Hit.Kind.OPEN)
        counts = dict(rows.order_by("hour").values_list("hour", "n")[: HOURS_SHOWN * 10])
        if not counts:
            return []
        start = min(counts)
        hours = [start + timedelta(hours=n) for n in range(HOURS_SHOWN)]
        while len(hours) > 12 and not any(hour in counts for hour in hours[-6:]):
            hours = hours[:-6]
        return [Bar(hour, counts.get(hour, 0)) for hour in hours]
