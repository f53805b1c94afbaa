"""Background jobs of this app."""

from django.db import connections

from kernel import cache, throttle
from kernel.jobs import job

# A log-in is noted a moment before its session is stored, hence the hour.
EXPIRED_SESSIONS = (
    "DELETE FROM django_session WHERE expire_date < now()",
    "DELETE FROM usersessions_usersession u WHERE last_seen_at < now() - interval '1 hour' "
    "AND NOT EXISTS (SELECT FROM django_session s WHERE s.session_key = u.session_key)",
)


@job(scoped=False)
def clear_expired() -> None:
    """Delete what is over and read by nobody again: sessions, entries of the cache, windows of limits."""
    with connections["engine"].cursor() as cursor:
        for statement in EXPIRED_SESSIONS:
            cursor.execute(statement)
    cache.delete_expired()
    throttle.forget_old()
