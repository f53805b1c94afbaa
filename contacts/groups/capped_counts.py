"""How many people bear a tag, are on a list, act for a company: counted up to a bound, so that pages do not grow."""

from __future__ import annotations

from django.db import connection

from contacts.models import CompanyContact, ContactTag, ListMember

UP_TO = 10_000
COLUMN = {ContactTag: "tag_id", ListMember: "contact_list_id", CompanyContact: "company_id"}


def of(model, ids: list[int]) -> dict[int, tuple[int, bool]]:
    """{id: (how many rows, whether there are more)}; those in the trash count, for they can be restored."""
    if not ids:
        return {}
    table, column = model._meta.db_table, COLUMN[model]
    # The order is the index's. Without it PostgreSQL takes a walk through the whole table for the shorter way to the
    # bound, and walks it to the end for every row that does not reach it (measured 14 times slower at 400,000 people).
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT g.id, (SELECT count(*) FROM (SELECT FROM {table} m WHERE m.{column} = g.id "  # noqa: S608
            f"ORDER BY m.contact_id LIMIT {UP_TO + 1}) members) FROM unnest(%s::bigint[]) AS g(id)",
            [ids],
        )
        return {row_id: bounded(n) for row_id, n in cursor.fetchall()}


def bounded(n: int) -> tuple[int, bool]:
    return min(n, UP_TO), n > UP_TO


def count(queryset) -> tuple[int, bool]:
    """(how many, whether there are more)."""
    return bounded(queryset.order_by()[: UP_TO + 1].count())
