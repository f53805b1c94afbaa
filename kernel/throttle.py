"""Rate limits counted in PostgreSQL: exact over all processes, one statement per event.

A window begins with its first event and ends `seconds` later, so up to twice the limit may pass around its end. The
table has no personal data: subjects are hashed with a secret key. It is unlogged, so a crash of the server loses the
counts.
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
    """Count one more event of this kind for this subject. False if that makes more than `most` within `seconds`."""
    key = f"{kind}:{digests('throttle', subject)[0].hex()}"
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "seconds": seconds})
        return cursor.fetchone()[0] <= most


def forget_old() -> None:
    """Delete the windows that are over."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_throttle WHERE until < now()")
