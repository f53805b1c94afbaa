"""What was deleted goes for good after a while, in chunks that can be repeated.

A contact loses what identifies, exactly as by erasure, and its row stays for the figures. The suppression list is left
alone: whoever objected stays on it, and whoever did not may come again with the next import.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.utils import timezone

from contacts.models import ContactField, ContactImport, ImportPart, RejectedRow
from contacts.privacy import erasure
from kernel import trash
from kernel.tenancy import scope

CHUNK = 500
WIDE = 20_000  # rows of a table, or numbers of contacts, in one statement
UPLOAD_DAYS = 7  # a file that nobody imported
REJECTED_DAYS = 90  # what stood in rejected rows; how many there were, and why, stays
#: What hangs on lists and tags by the million goes before them.
HANGING = (
    ("contacts_contactlist", "contacts_listmember", "contact_list_id"),
    ("contacts_tag", "contacts_contacttag", "tag_id"),
)


def purge(*, after: int = 0, budget: float = 40.0) -> int | None:
    """Purge one workspace after another, from the first behind `after`, until the budget in seconds is used up: then
    the answer is where to go on. None where nothing is left."""
    deadline = time.monotonic() + budget
    for workspace_id in _workspaces(after):
        for _chunk in _chunks(workspace_id, timezone.now()):
            if time.monotonic() > deadline:
                return workspace_id - 1
    return None


def _chunks(workspace_id: int, now: datetime) -> Iterator[None]:
    """Do one chunk of work after another."""
    before = now - timedelta(days=trash.DAYS)
    yield from _contacts(workspace_id, before)
    for holder, table, pointer in HANGING:
        yield from _hanging(workspace_id, before, holder, table, pointer)
    yield from _values(workspace_id, before)
    with scope(workspace_id):
        for kind in trash.KINDS:
            trash.purge(kind.model, before)
    yield
    yield from _files(workspace_id, now)


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
                # Merged contacts hold a part of somebody's proof: they go with the survivor, not before.
                cursor.execute(
                    "SELECT id FROM contacts_contact WHERE workspace_id = %s AND merged_into_id = ANY(%s) FOR UPDATE",
                    [workspace_id, ids],
                )
                merged = [row[0] for row in cursor.fetchall()]
                erasure.overwrite(cursor, workspace_id, ids + merged)
        found = len(ids)
        yield


def _hanging(workspace_id: int, before: datetime, holder: str, table: str, pointer: str) -> Iterator[None]:
    """A list of a million is emptied before it goes."""
    found = WIDE
    while found == WIDE:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND id IN (SELECT m.id FROM {holder} h "  # noqa: S608
                f"JOIN {table} m ON m.workspace_id = h.workspace_id AND m.{pointer} = h.id "
                "WHERE h.workspace_id = %(ws)s AND h.deleted_at < %(before)s LIMIT %(most)s)",
                {"ws": workspace_id, "before": before, "most": WIDE},
            )
            found = cursor.rowcount
        yield


def _values(workspace_id: int, before: datetime) -> Iterator[None]:
    """A field's values are taken out of everyone before it goes; no index finds who has one."""
    with scope(workspace_id):
        names = list(ContactField.objects.filter(deleted_at__lt=before).values_list("name", flat=True))
    last: int | None = 0
    while names and last is not None:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(
                "WITH these AS (SELECT id FROM contacts_contact WHERE workspace_id = %(ws)s AND id > %(last)s "
                "ORDER BY id LIMIT %(most)s), emptied AS (UPDATE contacts_contact c "
                "SET attributes = c.attributes - %(names)s::text[], updated_at = now() FROM these t "
                "WHERE c.workspace_id = %(ws)s AND c.id = t.id AND jsonb_exists_any(c.attributes, %(names)s::text[])) "
                "SELECT max(id) FROM these",
                {"ws": workspace_id, "last": last, "most": WIDE, "names": names},
            )
            last = cursor.fetchone()[0]
        yield


def _files(workspace_id: int, now: datetime) -> Iterator[None]:
    uploads, rejected = now - timedelta(days=UPLOAD_DAYS), now - timedelta(days=REJECTED_DAYS)
    with scope(workspace_id):
        old = ContactImport.objects.filter(uploaded_at__lt=uploads)
        old.filter(state=ContactImport.State.UPLOADED).delete()
        old.filter(state=ContactImport.State.FAILED).exclude(preview=None).update(preview=None)
        ImportPart.objects.filter(contact_import__in=old.filter(state=ContactImport.State.FAILED)).delete()
    found = WIDE
    while found == WIDE:
        with scope(workspace_id):
            old = ContactImport.objects.filter(uploaded_at__lt=rejected).values("pk")
            rows = RejectedRow.objects.filter(contact_import__in=old).exclude(cells=[]).values_list("pk", flat=True)
            ids = list(rows[:WIDE])
            RejectedRow.objects.filter(pk__in=ids).update(cells=[])
        found = len(ids)
        yield
