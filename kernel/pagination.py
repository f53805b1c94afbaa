"""Keyset pagination: without COUNT and OFFSET, page 20,000 costs as much as page 1.

Nor does a page cost what other workspaces have. For "newest first", PostgreSQL would like to walk the primary key and
throw away the rows of others. It assumes that a workspace's rows are spread evenly, but a neighbour may have written
the last million. (ORDER BY workspace_id, id changes nothing: a constant is no order.) `OnlyByIndex` makes such a walk
expensive.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Expression, Model, Q, QuerySet

from kernel.tenancy import WorkspaceModel, is_across, require_workspace_id

PAGE_SIZE = 50


@dataclass
class Page:
    """One page of rows, with the cursors of the next and the previous page (None where there is none)."""

    rows: list
    next: str | None
    previous: str | None

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


def paginate(queryset: QuerySet, *, order: str = "-id", cursor: str | None = None, size: int = PAGE_SIZE) -> Page:
    """The page of `queryset` at `cursor`, ordered by one field ("-" for descending) and then by id.

    The field must not be NULL in any row. For a cursor that can't be read, this returns the first page.
    """
    if issubclass(queryset.model, WorkspaceModel) and not is_across():
        queryset = queryset.filter(workspace_id__gte=OnlyByIndex())
    descending, field = order.startswith("-"), order.lstrip("-")
    backwards, position = _read(cursor)
    if position is not None and not _fits(queryset, field, position[0]):
        backwards, position = False, None
    if position is not None:
        queryset = queryset.filter(_beyond(field, position, descending != backwards))
    sign = "-" if descending != backwards else ""
    ordering = [f"{sign}{field}"] + ([f"{sign}id"] if field != "id" else [])
    rows = list(queryset.order_by(*ordering)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    after = more if not backwards else position is not None
    before = position is not None if not backwards else more
    return Page(
        rows,
        next=_write(field, rows[-1], False) if rows and after else None,
        previous=_write(field, rows[0], True) if rows and before else None,
    )


class OnlyByIndex(Expression):
    """The active workspace, as a value that is cheap for an index that begins with the workspace, and costly elsewhere.

    `workspace_id >= OnlyByIndex()` holds for each row of the workspace. An index that begins with the workspace
    computes the value once per scan. Every other plan computes it for each row it reads, at the function's COST.

    It is `>=` because an `=` would be merged with the other conditions on the workspace and disappear. The argument
    is a constant: of a subselect, PostgreSQL 15 makes no condition of an index where row-level security applies.
    """

    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "fanfare.index_only(%s::bigint)", [require_workspace_id()]


def _fits(queryset: QuerySet, field: str, value: Any) -> bool:
    """Whether `value` can be a value of the field. A cursor comes from the address, so anybody may have written it."""
    try:
        return queryset.model._meta.get_field(field).to_python(value) is not None
    except (ValidationError, TypeError, ValueError, OverflowError):
        return False


def _beyond(field: str, position: list, less: bool) -> Q:
    value, row_id = position
    comparison = "lt" if less else "gt"
    if field == "id":
        return Q(**{f"id__{comparison}": row_id})
    # The first condition alone can use the index; the second settles ties.
    return Q(**{f"{field}__{comparison}e": value}) & (
        Q(**{f"{field}__{comparison}": value}) | Q(**{f"id__{comparison}": row_id})
    )


def _write(field: str, row: Model, backwards: bool) -> str:
    value = getattr(row, field)
    body = json.dumps([backwards, value if isinstance(value, int | str) else str(value), row.pk])
    return base64.urlsafe_b64encode(body.encode()).decode()


def _read(cursor: str | None) -> tuple[bool, list | None]:
    if not cursor:
        return False, None
    try:
        backwards, value, row_id = json.loads(base64.urlsafe_b64decode(cursor))
        if not isinstance(row_id, int) or not isinstance(value, int | str) or "\0" in str(value):
            return False, None
        return bool(backwards), [value, row_id]
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return False, None
