"""The database may be away at any moment, which is part of the attack."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connections

T = TypeVar("T")


def once(action: Callable[[], T]) -> T | None:
    """Do something with the database. None if it is away."""
    try:
        return action()
    except DatabaseError:
        connections.close_all()
        time.sleep(0.2)
        return None


def until_it_works(action: Callable[[], T], seconds: float = 60.0) -> T:
    """Repeat it until the database is back. Raises its last error."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except DatabaseError:
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
