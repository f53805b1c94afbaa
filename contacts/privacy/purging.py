"""Delete what has been in the trash for long enough permanently, in chunks that can be repeated.

A contact loses what identifies it, as by erasure, and its row stays for the statistics. The suppression list is not
changed: people who objected stay on it, others may be added again by the next import.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from contacts.imports import stored_file
from contacts.models import ContactField, ContactImport, ImportNote, RejectedRow
from contacts.privacy import erasure
from kernel import trash
from kernel.tenancy import scope

CHUNK = 500
ROWS_AT_ONCE = 20_000  # rows in one statement that only deletes or empties them
UPLOAD_DAYS = 7  # how long a file is kept that nobody imported
EVENT_GRACE_DAYS = 31  # a month of events is dropped as a whole (`contacts.growth`)
REJECTED_DAYS = 90  # how long the cells of rejected rows are kept; their number and reasons stay
#: The rows of files that are kept with their problems, and what is left of an old one.
KEPT_ROWS: dict[type[RejectedRow | ImportNote], dict[str, Any]] = {
    RejectedRow: {"cells": []},
    ImportNote: {"cells": [], "cell": ""},
}
#: (table, table of its members, the members' column): millions of members are deleted in chunks before their group.
MEMBERS = (
    ("contacts_contactlist", "contacts_listmember", "contact_list_id"),
    ("contacts_tag", "contacts_contacttag", "tag_id"),
)


def purge(*, after: int = 0, budget: float = 40.0) -> int | None:
    """Purge the workspaces with an id above `after`, one after another, until the budget in seconds is used up.

    Returns the `after` to continue with, or None where nothing is left.
    """
    deadline = time.monotonic() + budget
    for workspace_id in _workspaces(after):
        for _chunk in _chunks(workspace_id, timezone.now()):
            if time.monotonic() > deadline:
                return workspace_id - 1
    return None


def _chunks(workspace_id: int, now: datetime) -> Iterator[None]:
    """Purge one workspace; each step of the iterator is one chunk of work."""
    before = now - timedelta(days=trash.DAYS)
    yield from _contacts(workspace_id, before)
    for holder, table, pointer in MEMBERS:
        yield from _members(workspace_id, before, holder, table, pointer)
    yield from _values(workspace_id, before)
    with scope(workspace_id):
        for kind in trash.KINDS:
            trash.purge(kind.model, before)
    yield
    yield from _files(workspace_id, now)
    yield from _events(workspace_id, now)


def _workspaces(after: int) -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace WHERE id > %s ORDER BY id", [after])
        return [row[0] for row in cursor.fetchall()]


def _contacts(workspace_id: int, before: datetime) -> Iterator[None]:
    found = CHUNK
    while found == CHUNK:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                "SELECT id FROM contacts_contact WHERE workspace_id = %s AND deleted_at < %s AND erased_at IS NULL "
                "AND merged_into_id IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                [workspace_id, before, CHUNK],
            )
            ids = [row[0] for row in cursor.fetchall()]
            if ids:
                # Merged contacts hold a part of the survivor's consent proof, so they are purged with it, not before.
                cursor.execute(
                    "SELECT id FROM contacts_contact WHERE workspace_id = %s AND merged_into_id = ANY(%s) FOR UPDATE",
                    [workspace_id, ids],
                )
                merged = [row[0] for row in cursor.fetchall()]
                erasure.overwrite(cursor, workspace_id, ids + merged)
        found = len(ids)
        yield


def _members(workspace_id: int, before: datetime, holder: str, table: str, pointer: str) -> Iterator[None]:
    """Delete the members of deleted lists or tags."""
    found = ROWS_AT_ONCE
    while found == ROWS_AT_ONCE:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND id IN (SELECT m.id FROM {holder} h "  # noqa: S608
                f"JOIN {table} m ON m.workspace_id = h.workspace_id AND m.{pointer} = h.id "
                "WHERE h.workspace_id = %(ws)s AND h.deleted_at < %(before)s LIMIT %(limit)s)",
                {"ws": workspace_id, "before": before, "limit": ROWS_AT_ONCE},
            )
            found = cursor.rowcount
        yield


def _values(workspace_id: int, before: datetime) -> Iterator[None]:
    """Remove the values of deleted fields from every contact. Reads all: no index finds those with a value."""
    with scope(workspace_id):
        names = list(ContactField.objects.filter(deleted_at__lt=before).values_list("name", flat=True))
    last: int | None = 0
    while names and last is not None:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                "WITH chunk AS (SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id > %(last)s "
                "ORDER BY id LIMIT %(limit)s), emptied AS (UPDATE contacts_contact c "
                "SET attributes = c.attributes - %(names)s::text[], updated_at = now() FROM chunk t "
                "WHERE c.workspace_id = %(ws)s AND c.id = t.id AND jsonb_exists_any(c.attributes, %(names)s::text[])) "
                "SELECT max(id) FROM chunk",
                {"ws": workspace_id, "last": last, "limit": ROWS_AT_ONCE, "names": names},
            )
            last = cursor.fetchone()[0]
        yield


def _files(workspace_id: int, now: datetime) -> Iterator[None]:
    """Delete uploads that were never imported, and empty old rejected rows and notes."""
    uploads, rejected = now - timedelta(days=UPLOAD_DAYS), now - timedelta(days=REJECTED_DAYS)
    with scope(workspace_id):
        old = ContactImport.objects.filter(uploaded_at__lt=uploads)
        stored_file.forget(old.filter(state=ContactImport.State.UPLOADED))
        old.filter(state=ContactImport.State.UPLOADED).delete()
        old.filter(state=ContactImport.State.FAILED).exclude(preview=None).update(preview=None)
        stored_file.forget(old.filter(state=ContactImport.State.FAILED))
    for model, emptied in KEPT_ROWS.items():
        found = ROWS_AT_ONCE
        while found == ROWS_AT_ONCE:
            with scope(workspace_id):
                imports = ContactImport.objects.filter(uploaded_at__lt=rejected).values("pk")
                rows = model.objects.filter(contact_import__in=imports).exclude(cells=[]).values_list("pk", flat=True)
                ids = list(rows[:ROWS_AT_ONCE])
                model.objects.filter(pk__in=ids).update(**emptied)
            found = len(ids)
            yield


def _events(workspace_id: int, now: datetime) -> Iterator[None]:
    """Delete events that should be gone since long: the first partition has all from before Fanfare was installed. By
    the index of each name's events, so it costs nothing where there are none."""
    found = ROWS_AT_ONCE if settings.EVENT_DAYS else 0
    while found == ROWS_AT_ONCE:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                "DELETE FROM contacts_contactevent WHERE workspace_id = %(ws)s AND (id, at) IN (SELECT e.id, e.at "
                "FROM contacts_eventname n JOIN contacts_contactevent e ON e.workspace_id = n.workspace_id "
                "AND e.name_id = n.id WHERE n.workspace_id = %(ws)s AND e.at < %(before)s LIMIT %(limit)s)",
                {
                    "ws": workspace_id,
                    "before": now - timedelta(days=settings.EVENT_DAYS + EVENT_GRACE_DAYS),
                    "limit": ROWS_AT_ONCE,
                },
            )
            found = cursor.rowcount
        yield
