"""How often something may happen, counted in PostgreSQL: exact over all processes, one statement each time.

A window begins with its first event and ends `seconds` later, so twice as many may pass around its end. The table names
nobody: what is counted is hashed with a key of ours. It is unlogged: a crash of the server forgets the counts.
"""

from django.db import connection

from kernel.secrets import digests

COUNT = """
INSERT INTO kernel_throttle AS t (key, n, until) VALUES (%(key)s, 1, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
    n = CASE WHEN t.until <= now() THEN 1 ELSE t.n + 1 END,
    until = CASE WHEN t.until <= now() THEN excluded.until ELSE t.until END
RETURNING n
"""


def take(kind: str, subject: str, *, most: int, seconds: int) -> bool:
    """Count one more `kind` of `subject`. False where that is more than `most` within `seconds`."""
    key = f"{kind}:{digests('throttle', subject)[0].hex()}"
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "seconds": seconds})
        return cursor.fetchone()[0] <= most


def forget_old() -> None:
    """Take windows that are over out of the table."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_throttle WHERE until < now()")
