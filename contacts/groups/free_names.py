"""Things that Fanfare makes itself get a name that is free: "Fair", or "Fair (2)"."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from kernel.trash import Trashable

MOST_TRIES = 20


def make(model: type[Trashable], name: str, **values):
    """A new row under this name, numbered where another one bears it, even if it came to it at this very moment."""
    for _attempt in range(MOST_TRIES):
        try:
            with transaction.atomic():
                return model.objects.create(name=free_name(model, name), **values)
        except IntegrityError:
            continue
    raise RuntimeError(f"no name like “{name}” stays free")


def free_name(model: type[Trashable], name: str) -> str:
    taken = {*model.objects.present().filter(name__startswith=name).values_list("name", flat=True)}
    n, free = 1, name
    while free in taken:
        n += 1
        free = f"{name} ({n})"
    return free
