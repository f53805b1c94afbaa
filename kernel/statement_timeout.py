"""A time limit for statements whose cost is not known beforehand, such as a merchant's segment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled


class TookTooLong(Exception):
    """Raised when a statement took longer than its limit and was stopped."""


@contextmanager
def statement_timeout(seconds: float, using: str = "default") -> Iterator[CursorWrapper]:
    """A cursor, in a transaction, whose statements may each take at most `seconds`. Raises TookTooLong."""
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
            yield cursor
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            raise TookTooLong from problem
        raise
