"""Tags and lists by their names, which are the same in any case, with or without accents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import IntegrityError, connection, transaction

from contacts.models import ContactList, Tag
from contacts.models.name_key import NAME_KEY, key_of
from kernel.tenancy import require_workspace_id

Row = TypeVar("Row", Tag, ContactList)


def get(model: type[Row], name: str) -> Row | None:
    """The present row with this name."""
    return model.objects.present().filter(name_key=key_of(name)).first()


def made(model: type[Row], name: str) -> Row:
    """The present row with this name, created where there is none."""
    if found := get(model, name):
        return found
    try:
        with transaction.atomic():
            return model.objects.create(name=name)
    except IntegrityError:  # somebody else created it at the same moment
        if found := get(model, name):
            return found
        raise


def find(model: type[Row], names: Iterable[str]) -> dict[str, Row]:
    """The present rows by those of the names that they have, as these are written here."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.name, r.id FROM unnest(%s::text[]) AS a(name) JOIN {model._meta.db_table} r "  # noqa: S608
            f"ON r.workspace_id = %s AND r.deleted_at IS NULL AND r.name_key = {NAME_KEY.format('a.name')}",
            [list(names), require_workspace_id()],
        )
        ids: dict[str, int] = dict(cursor.fetchall())
    rows = model.objects.in_bulk([*ids.values()])
    return {name: rows[pk] for name, pk in ids.items() if pk in rows}
