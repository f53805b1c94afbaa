"""Contacts without any activity for years go to the trash, from where they are purged 30 days later (GDPR art. 5(1)(e);
the CNIL recommends three years for prospects).

Activity is a click, a consent, a sign-up, an edit or a row of an import: whatever changes the contact or `engaged_at`.
"""

from __future__ import annotations

import time

from django.db import connections

from accounts import actors, audit
from kernel.tenancy import scope

CHUNK = 20_000
RETIRE = """
WITH chunk AS (
    SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
), retired AS (
    UPDATE contacts_contact c SET deleted_at = now() FROM chunk t
    WHERE c.workspace_id = %(ws)s AND c.id = t.id AND c.deleted_at IS NULL
    AND greatest(c.created_at, c.updated_at, c.engaged_at) < now() - make_interval(months => %(months)s)
    RETURNING c.id
)
SELECT (SELECT max(id) FROM chunk), (SELECT count(*) FROM retired)
"""


def workspaces() -> list[int]:
    """The ids of workspaces that have set a retention period."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace WHERE retention_months IS NOT NULL ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def retire(workspace_id: int, after: int = 0, *, budget: float = 40.0) -> int | None:
    """Move inactive contacts to the trash, in the order of their ids, starting above `after`.

    Returns the id to continue after when the budget in seconds is used up, or None when all contacts are done.
    """
    deadline, retired = time.monotonic() + budget, 0
    last: int | None = after
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT retention_months FROM accounts_workspace WHERE id = %s", [workspace_id])
        months = cursor.fetchone()[0]
        while months is not None and last is not None and time.monotonic() <= deadline:
            cursor.execute(RETIRE, {"ws": workspace_id, "after": last, "limit": CHUNK, "months": months})
            last, found = cursor.fetchone()
            retired += found
    if retired:
        with scope(workspace_id):
            audit.record(actors.SYSTEM, "contacts.retired", n=retired, months=months)
    return last if months is not None else None
