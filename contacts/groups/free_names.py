"""Free names for rows that Fanfare creates itself: "Fair", or "Fair (2)" where "Fair" is taken."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from contacts.models.name_key import key_of
from kernel.trash import Trashable

MAX_TRIES = 20
Row = TypeVar("Row", bound=Trashable)


def make(model: type[Row], name: str, **values) -> Row:
    """Create a row with this name, numbered where the name is taken.

    Repeated where another transaction takes the name at the same moment. Raises RuntimeError after MAX_TRIES.
    """
    for _attempt in range(MAX_TRIES):
        try:
            with transaction.atomic():
                return model.objects.create(name=free_name(model, name), **values)
        except IntegrityError:
            continue
    raise RuntimeError(f"no name like “{name}” stays free")


def free_name(model: Any, name: str) -> str:
    """The name, or the first of "name (2)", "name (3)", ... that no present row has."""
    has_key = any(field.name == "name_key" for field in model._meta.fields)
    rows, n, free = model.objects.present(), 1, name
    while rows.filter(**{"name_key": key_of(free)} if has_key else {"name": free}).exists():
        n += 1
        free = f"{name} ({n})"
    return free
