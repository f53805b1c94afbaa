"""The report of one campaign. All figures come from tallies, so ten recipients cost as much as a million."""

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
        """The number of messages with this fact, such as "accepted" or "opened"."""
        return self.open if fact == "open" else self.tallies.get(fact, 0)

    @property
    def open(self) -> int:
        return batching.open_count(self.tallies)

    @property
    def delivered(self) -> int:
        """Messages that the recipient's server accepted. SMTP reports bounces, but not deliveries."""
        return self.number("accepted")

    @property
    def ends(self) -> list[tuple[str, int]]:
        """(fact, number) for each way a planned message can end. The numbers add up to the planned messages."""
        facts = ["accepted", "skipped", "failed", "unknown", "cancelled", "expired", "open"]
        return [(fact, self.number(fact)) for fact in facts]

    @property
    def adds_up(self) -> bool:
        return self.number("planned") == sum(n for _, n in self.ends)

    def reasons(self, fact: str) -> list[tuple[str, int]]:
        return [(reason_text(reason), n) for reason, n in self._reasons.get(fact, [])]

    @property
    def skipped_reasons(self) -> list[tuple[str, int]]:
        return self.reasons("skipped")

    @property
    def failed_reasons(self) -> list[tuple[str, int]]:
        return self.reasons("failed")

    @property
    def unknown_reasons(self) -> list[tuple[str, int]]:
        return self.reasons("unknown")

    @property
    def links(self) -> list[TrackedLink]:
        return list(TrackedLink.objects.filter(batch=self.batch).order_by("-clicks", "n")[:100])

    @property
    def opens_over_time(self) -> list[Bar]:
        """First opens per hour, for at most HOURS_SHOWN hours after the first one; hours without opens are included."""
        rows = HourlyHits.objects.filter(batch_id=self.batch.pk, kind=Hit.Kind.OPEN)
        counts = dict(rows.order_by("hour").values_list("hour", "n")[: HOURS_SHOWN * 10])
        if not counts:
            return []
        start = min(counts)
        hours = [start + timedelta(hours=n) for n in range(HOURS_SHOWN)]
        while len(hours) > 12 and not any(hour in counts for hour in hours[-6:]):
            hours = hours[:-6]
        return [Bar(hour, counts.get(hour, 0)) for hour in hours]
