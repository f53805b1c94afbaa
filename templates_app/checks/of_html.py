"""The checks of HTML while it is written, as findings by line beside those about merge tags."""

from __future__ import annotations

import html

from accounts.models import Workspace
from templates_app.checks import merge_tags, running
from templates_app.checks.finding import PASSED, STOPS, Finding
from templates_app.checks.message import Message
from templates_app.reading import findings as reading

SECONDS = 1.5  # of CPU


def others(workspace: Workspace, parts: dict[str, str]) -> list[reading.Finding]:
    """What there is to say about the form's parts, "html" and "text", besides their merge tags."""
    found = running.run(
        Message(workspace, parts["html"], parts["text"]), seconds=SECONDS, without=frozenset({merge_tags.CHECK})
    )
    return [_by_line(finding, parts) for finding in found if finding.severity != PASSED]


def _by_line(finding: Finding, parts: dict[str, str]) -> reading.Finding:
    level = reading.ERROR if finding.severity == STOPS else reading.WARNING
    title = finding.title if finding.title.endswith((".", "”", "»")) else f"{finding.title}."
    place = finding.place
    old, new = _as_written(finding, parts.get(place.part, ""))
    return reading.Finding(place.part, level, place.line or 1, place.column, f"{title} {finding.seen}", old, new)


def _as_written(finding: Finding, source: str) -> tuple[str, str]:
    """What is replaced, as it stands in the source: an address in HTML may have its signs escaped. Nothing where it
    doesn't stand there."""
    if finding.fix is None or not finding.fix.old:
        return "", ""
    for old, new in (
        (finding.fix.old, finding.fix.new),
        (html.escape(finding.fix.old), html.escape(finding.fix.new)),
    ):
        if old in source:
            return old, new
    return "", ""
