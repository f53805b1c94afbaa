"""Free names for rows that Fanfare creates itself: "Fair", or "Fair (2)" where "Fair" is taken."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import IntegrityError, transaction

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
    taken = {*model.objects.present().filter(name__startswith=name).values_list("name", flat=True)}
    n, free = 1, name
    while free in taken:
        n += 1
        free = f"{name} ({n})"
    return free
