"""The report of one campaign. All figures come from tallies, so ten recipients cost as much as a million."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet, Sum

from analytics.charts import Bar
from campaigns import batches
from campaigns.models import Campaign
from delivery import batching, totals
from delivery.models import HourlyHits, TrackedLink
from delivery.models.hit import Hit
from delivery.models.message import reason_text
from templates_app import translating
from templates_app.models import ContentLink, TemplateVersion

HOURS_SHOWN = 48


@dataclass
class CampaignReport:
    """Of all its batches together. A message that was tried again counts where it was tried last."""

    campaign: Campaign

    def __post_init__(self):
        self._batches = batches.ids_by_campaign([self.campaign])[self.campaign.pk]
        facts = totals.of_batches(self._batches)
        self.tallies, self._reasons = totals.by_fact(facts), totals.by_reason(facts)

    def number(self, fact: str) -> int:
        """The number of messages with this fact, such as "accepted" or "opened"."""
        return self.open if fact == "open" else self.tallies.get(fact, 0)

    @property
    def versions(self) -> list[TemplateVersion]:
        """The versions of templates that were sent."""
        return batches.versions_of(self.campaign)

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
    def languages(self) -> list[tuple[str, int]]:
        """(name of the language, planned messages) of each translation."""
        return [(translating.name_of(code), n) for code, n in self._reasons.get("language", [])]

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
    def links(self) -> list[dict]:
        """The links of all batches by content and position, the most clicked first: {"url", "label", "position",
        "clicks"}. Two buttons with one target are two links."""
        links: QuerySet = TrackedLink.objects.filter(batch__in=self._batches).order_by()
        found = list(
            links.values("batch__content", "n", "url").annotate(sum=Sum("clicks")).order_by("-sum", "n", "url")[:100]
        )
        rows = ContentLink.objects.filter(content_id__in={row["batch__content"] for row in found})
        labels = {(link.content_id, link.position): link.label for link in rows}
        return [
            {
                "url": row["url"],
                "label": labels.get((row["batch__content"], row["n"]), ""),
                "position": row["n"],
                "clicks": row["sum"],
            }
            for row in found
        ]

    @property
    def opens_over_time(self) -> list[Bar]:
        """First opens per hour, for at most HOURS_SHOWN hours after the first one; hours without opens are included."""
        rows = HourlyHits.objects.filter(batch_id__in=self._batches, kind=Hit.Kind.OPEN).values("hour")
        counts = dict(rows.annotate(sum=Sum("n")).order_by("hour").values_list("hour", "sum")[: HOURS_SHOWN * 10])
        if not counts:
            return []
        start = min(counts)
        hours = [start + timedelta(hours=n) for n in range(HOURS_SHOWN)]
        while len(hours) > 12 and not any(hour in counts for hour in hours[-6:]):
            hours = hours[:-6]
        return [Bar(hour, counts.get(hour, 0)) for hour in hours]
