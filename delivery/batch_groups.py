"""Batches that people see as one, such as those of a campaign. The apps above say which."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

from delivery.models import Batch
from kernel.extensions import Extensions

TOGETHER: Extensions[str] = Extensions(
    "batches seen as one",
    "SQL with {batch} and {workspace}: the ids of all batches that people see as one with this one. Used by segments.",
)
FOLLOWERS: Extensions[Callable[[], QuerySet]] = Extensions(
    "batches that follow",
    "A query for the ids of batches that people see as one with an earlier one. Lists to choose from leave them out.",
)


def condition(workspace: str, batch: str, alias: str) -> str:
    """SQL that holds for a batch `alias` that people see as one with this one: its retries, and what other apps say.
    `workspace` and `batch` are SQL."""
    groups = (f" OR {alias}.id IN ({sql.format(batch=batch, workspace=workspace)})" for sql in TOGETHER)
    return f"({alias}.id = {batch} OR {alias}.origin_id = {batch}{''.join(groups)})"


def firsts() -> QuerySet[Batch]:
    """The marketing batches of the active workspace, of those that people see as one the first."""
    batches = Batch.objects.filter(purpose=Batch.Purpose.MARKETING, origin_id=None)
    for followers in FOLLOWERS:
        batches = batches.exclude(pk__in=followers())
    return batches
