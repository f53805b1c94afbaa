"""The cache, in PostgreSQL: an entry stays until it expires, however many there are."""

from __future__ import annotations

import base64
import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections

SET = """
INSERT INTO cache AS c (cache_key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
"""
ADD = SET + "WHERE c.expires < now()"
TOUCH = "UPDATE cache SET expires = %s WHERE cache_key = %s AND expires >= now()"
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Cache(DatabaseCache):
    """Django's, which counts all entries at each write and, above MAX_ENTRIES, deletes some that are still needed.

    allauth's limits of log-ins live here: whoever made enough entries would have got rid of their own. Each write is
    one statement instead, and a recurring job deletes what has expired (`accounts.clear_expired`).

    Values are unpickled, so only the engine role may write them: a value can be a program.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        at = self.get_backend_timeout(timeout)
        expires = NEVER if at is None else datetime.fromtimestamp(at, UTC)
        with connections["engine"].cursor() as cursor:
            if mode == "touch":
                cursor.execute(TOUCH, [expires, key])
            else:
                text = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
                cursor.execute((ADD if mode == "add" else SET), [key, text, expires])
            return bool(cursor.rowcount)


def delete_expired() -> None:
    with connections["engine"].cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < now()")
