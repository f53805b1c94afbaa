"""Read contacts' changes by cursor, each once. docs/guides/read-a-contacts-changes.md shows how.

A reader gets the changes of all workspaces in one order, and its place moves in the transaction of its work: what it
writes to this database is done exactly once, whatever is killed.

The order is that of the transactions (era, xact, id), and only those are read before which no other is open. Ids alone
would lose changes: a transaction that takes a low id may commit after one with a higher id has been read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from contacts.changes import eras
from kernel.extensions import Extensions

log = logging.getLogger("fanfare.changes")

MOST = 500  # rows at once; a row may be about 16,384 contacts
COLUMNS = "id, workspace_id, era, xact, at, kind, channel, target_id, field, source, source_id, actor_id, contact_ids"


@dataclass(frozen=True)
class Change:
    """A row of the outbox, with the fields of `ContactChange`."""

    id: int
    workspace_id: int
    era: int
    xact: int
    at: datetime
    kind: str
    channel: str
    target_id: int | None
    field: str
    source: str
    source_id: int | None
    actor_id: int | None
    contact_ids: list[int]


#: Works on changes, in the transaction of the cursor (the engine's: each statement names its workspace).
Handler = Callable[[CursorWrapper, list[Change]], None]
READERS: Extensions[Handler] = Extensions(
    "readers of contacts' changes",
    "Functions of a cursor and changes, in order. They run in the transaction that remembers what was read.",
)

# A new reader begins with what is written from now on, transactions that are open included.
ENTER = f"""
INSERT INTO contacts_changereader (name, era, xact, change_id, upto)
SELECT %s, ({eras.CURRENT}), pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 0, now() ON CONFLICT DO NOTHING
"""
# One worker at a time; another one finds nothing.
TAKE = "SELECT era, xact, change_id FROM contacts_changereader WHERE name = %s FOR UPDATE SKIP LOCKED"
NEXT = f"""
SELECT {COLUMNS} FROM contacts_contactchange WHERE (era, xact, id) > (%s, %s, %s)
AND (era < ({eras.CURRENT}) OR era = ({eras.CURRENT}) AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
ORDER BY era, xact, id LIMIT %s
"""  # noqa: S608
# Rows wait as long as an earlier transaction is open, so a reader that finds none has not read everything by that.
MOVE = f"""
UPDATE contacts_changereader SET era = %(era)s, xact = %(xact)s, change_id = %(id)s, upto = coalesce(
    (SELECT at FROM contacts_contactchange WHERE (era, xact, id) > (%(era)s, %(xact)s, %(id)s)
     AND era <= ({eras.CURRENT}) ORDER BY era, xact, id LIMIT 1), now())
WHERE name = %(name)s
"""  # noqa: S608


def read(name: str, handler: Handler, *, most: int = MOST) -> int:
    """Give the next changes to the handler. Returns how many rows there were: 0 where nothing is left, or where another
    worker reads. What the handler raises undoes its work, and the same changes come again."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(ENTER, [name])
        cursor.execute(TAKE, [name])
        place = cursor.fetchone()
        if place is None:
            return 0
        cursor.execute(NEXT, [*place, most])
        changes = [Change(*row) for row in cursor.fetchall()]
        if changes:
            handler(cursor, changes)
            last = changes[-1]
            place = (last.era, last.xact, last.id)
        cursor.execute(MOVE, {"name": name} | dict(zip(("era", "xact", "id"), place, strict=True)))
    return len(changes)


def read_all(*, budget: float = 4.0) -> None:
    """Let each reader read until nothing is left, or `budget` seconds are over. One that fails does not stop others."""
    deadline = time.monotonic() + budget
    for name, handler in READERS.items():
        try:
            while read(name, handler) == MOST and time.monotonic() < deadline:
                pass
        except Exception:
            log.exception("the reader %s of contacts' changes failed; it tries again", name)
