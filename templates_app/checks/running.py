"""Runs the checks of a message, within a budget of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.utils.translation import gettext as _

from kernel.extensions import Extensions
from templates_app.checks import (
    alt_texts,
    capitals,
    contrast,
    headings,
    language,
    link_words,
    links,
    merge_tags,
    pictures,
    required_parts,
    spintax,
    tables,
    text_part,
)
from templates_app.checks.finding import LOOK, Finding
from templates_app.checks.message import Message
from templates_app.merging import MergeError, TooCostly, allowance

SECONDS = 2.0  # of CPU for all checks of a message; those of a newsletter of 60 blocks take a tenth
MOST = 60  # findings

CHECKS: Extensions[Callable[[Message], Iterable[Finding]]] = Extensions(
    "message checks", "functions that look at a message (checks.message.Message) and give findings"
)
LATER: Extensions[Callable[[], str]] = Extensions(
    "message checks that come later",
    "functions that name the address (with the template's `pk`) that asks another server and answers with a row of the "
    "panel; or nothing",
)
for _module in (
    required_parts,
    links,
    merge_tags,
    spintax,
    pictures,
    alt_texts,
    contrast,
    headings,
    language,
    tables,
    link_words,
    text_part,
    capitals,
):
    CHECKS.add(_module.check, _module.CHECK)


def run(message: Message, *, seconds: float = SECONDS, without: Collection[str] = ()) -> list[Finding]:
    """What there is to say, the worst first. Where the time is up, a finding says so. `without`: names of checks that
    are left out."""
    found: list[Finding] = []
    is_whole = True
    with allowance(seconds) as spent:
        for name, check in CHECKS.items():
            if name in without:
                continue
            try:
                found.extend(check(message))
            except TooCostly:
                is_whole = False
            except MergeError:
                continue  # told by the check of merge tags
            if spent.is_used_up:
                is_whole = False
                break
    found.sort(key=lambda finding: finding.rank)
    found = found[:MOST]
    if not is_whole:
        found.append(_unfinished())
    return sorted(found, key=lambda finding: finding.rank)


def _unfinished() -> Finding:
    title = _("Not everything was checked: it takes too long")
    return Finding("time", LOOK, title, _("Use fewer loops, conditions and filters, or split the message."))
