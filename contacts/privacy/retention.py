"""Whoever a workspace has heard nothing of for years goes to the trash, and 30 days later for good (GDPR art. 5(1)(e);
the CNIL names three years for prospects).

A sign of life is a click, a consent, a sign-up, an edit, or to be named by an import: what changes the contact, or
`engaged_at`.
"""

from __future__ import annotations

import time

from django.db import connections

from accounts import actors, audit
from kernel.tenancy import scope

CHUNK = 20_000
RETIRE = """
WITH these AS (
    SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id > %(after)s ORDER BY id LIMIT %(most)s
), retired AS (
    UPDATE contacts_contact c SET deleted_at = now() FROM these t
    WHERE c.workspace_id = %(ws)s AND c.id = t.id AND c.deleted_at IS NULL
    AND greatest(c.created_at, c.updated_at, c.engaged_at) < now() - make_interval(months => %(months)s)
    RETURNING c.id
)
SELECT (SELECT max(id) FROM these), (SELECT count(*) FROM retired)
"""


def workspaces() -> list[int]:
    """Those that keep nobody for ever."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace WHERE retention_months IS NOT NULL ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def retire(workspace_id: int, after: int = 0, *, budget: float = 40.0) -> int | None:
    """Go through the contacts by id, from behind `after`. The id to go on from when the budget in seconds is used up;
    None when all are done."""
    deadline, retired = time.monotonic() + budget, 0
    last: int | None = after
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT retention_months FROM accounts_workspace WHERE id = %s", [workspace_id])
        months = cursor.fetchone()[0]
        while months is not None and last is not None and time.monotonic() <= deadline:
            cursor.execute(RETIRE, {"ws": workspace_id, "after": last, "most": CHUNK, "months": months})
            last, found = cursor.fetchone()
            retired += found
    if retired:
        with scope(workspace_id):
            audit.record(actors.SYSTEM, "contacts.retired", n=retired, months=months)
    return last if months is not None else None
