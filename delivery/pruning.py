"""Deletes what visitors, tests and the sandbox leave behind and nobody reads again. Can be repeated. Where a setting
says 0 days, rows are kept for ever.

Rows are read from the oldest on, in chunks: an id that is higher was written later, so the first chunk with nothing old
in it is the last.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connections

from delivery.models import Batch

CHUNK = 5000
BUCKET_HOURS = 24  # an unused bucket is full long before, and a full one is as good as none
TEST_DAYS = 30

OLD_CAPTURED = """
WITH oldest AS MATERIALIZED (SELECT id, at FROM delivery_capturedmessage ORDER BY id LIMIT %(chunk)s)
DELETE FROM delivery_capturedmessage t USING oldest o
WHERE t.id = o.id AND o.at < now() - make_interval(days => %(days)s)
"""
OLD_DAYS = "DELETE FROM delivery_dayfact WHERE day < (now() AT TIME ZONE 'UTC')::date - %s"
TESTS = f"""
SELECT id FROM delivery_batch WHERE purpose = '{Batch.Purpose.TEST}'
  AND finished_at < now() - make_interval(days => %s) ORDER BY id LIMIT 500
"""  # noqa: S608  (a word of our own)
OLDEST_MESSAGES = """
SELECT o.batch_id, (SELECT created_at FROM delivery_batch WHERE id >= o.batch_id ORDER BY id LIMIT 1)
           < now() - make_interval(days => %s)
FROM (SELECT min(batch_id) AS batch_id FROM delivery_message) o
"""
GRACE_DAYS = 31  # a range of batch ids is about a month, and is dropped as a whole
OF_BATCHES = ("capturedmessage", "message", "lease", "tally", "trackedlink")


def prune(*, budget: float = 20.0) -> bool:
    """Returns True when all is done, False when the budget in seconds is used up."""
    deadline = time.monotonic() + budget
    while _tests() or _messages(settings.MESSAGE_DAYS) or _old_captured_messages():
        if time.monotonic() > deadline:
            return False
    with connections["engine"].cursor() as cursor:
        cursor.execute("DELETE FROM delivery_bucket WHERE at < now() - make_interval(hours => %s)", [BUCKET_HOURS])
        if settings.DAY_FACT_DAYS:
            cursor.execute(OLD_DAYS, [settings.DAY_FACT_DAYS])
        cursor.execute(
            "DELETE FROM delivery_tester WHERE confirmed_at IS NULL AND asked_at < now() - make_interval(days => %s)",
            [2 * settings.INVITATION_DAYS],
        )
    return True


def _messages(days: int) -> bool:
    """Delete some of the oldest messages if they should be gone since long: in a small installation, a range of batch
    ids lasts for years. False if there were none; 0 days: they are kept for ever."""
    if not days:
        return False
    with connections["engine"].cursor() as cursor:
        cursor.execute(OLDEST_MESSAGES, [days + GRACE_DAYS])
        batch_id, is_old = cursor.fetchone()
        if not is_old:
            return False
        cursor.execute(
            "DELETE FROM delivery_message WHERE batch_id = %(batch)s AND contact_id IN "
            "(SELECT contact_id FROM delivery_message WHERE batch_id = %(batch)s ORDER BY 1 LIMIT %(chunk)s)",
            {"batch": batch_id, "chunk": CHUNK},
        )
        return cursor.rowcount > 0


def _old_captured_messages() -> bool:
    """Delete the old ones among the first rows of the table. False if there was none, or they are kept for ever."""
    if not settings.SANDBOX_DAYS:
        return False
    with connections["engine"].cursor() as cursor:
        cursor.execute(OLD_CAPTURED, {"chunk": CHUNK, "days": settings.SANDBOX_DAYS})
        return cursor.rowcount > 0


def _tests() -> bool:
    """Delete tests with everything that belongs to them. False if there was none."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(TESTS, [TEST_DAYS])
        ids = [row[0] for row in cursor.fetchall()]
        for table in OF_BATCHES:
            cursor.execute(f"DELETE FROM delivery_{table} WHERE batch_id = ANY(%s)", [ids])  # noqa: S608
        cursor.execute("DELETE FROM delivery_batch WHERE id = ANY(%s)", [ids])
    return bool(ids)
