from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One line of a campaign's checklist. A `blocker` stops the campaign, a `warning` does not."""

    level: str  # "ok", "warning", "blocker"
    text: str
    fix: str = ""  # URL name of the page where it can be fixed
    template_id: int | None = None  # whose page that is, if it isn't the campaign's own template: a translation's


MAX_LISTED = 5  # problems of one kind that are listed


def listed(level: str, texts: list[str], fix: str = "") -> list[Check]:
    """A line for each of the first few texts."""
    return [Check(level, text, fix) for text in texts[:MAX_LISTED]]
