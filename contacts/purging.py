"""What was deleted goes for good after a while, in chunks that can be repeated.

A contact loses what identifies, exactly as by erasure, and its row stays for the figures. The suppression list is left
alone: whoever objected stays on it, and whoever did not may come again with the next import.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from contacts import erasing
from contacts.models import Company, ContactImport, ContactList, RejectedRow, Segment, SignupForm, Topic
from contacts.models.contact import TRASH_DAYS
from kernel.tenancy import scope

CHUNK = 500
UPLOAD_DAYS = 7  # a file that nobody imported
REJECTED_DAYS = 90  # what stood in rejected rows; how many there were, and why, stays


def purge(*, budget: float = 40.0) -> bool:
    """Purge until nothing is left to (True) or the budget in seconds is used up (False: call again)."""
    deadline = time.monotonic() + budget
    return all(time.monotonic() <= deadline for _chunk in _chunks(timezone.now()))


def _chunks(now: datetime) -> Iterator[None]:
    """Do one chunk of work after another."""
    trash, uploads = now - timedelta(days=TRASH_DAYS), now - timedelta(days=UPLOAD_DAYS)
    rejected = now - timedelta(days=REJECTED_DAYS)
    for workspace_id in _workspaces():
        works: list[Callable[[], bool]] = [
            lambda ws=workspace_id: _contacts(ws, trash),
            lambda ws=workspace_id: _members(ws, trash),
            lambda ws=workspace_id: _named(ws, trash),
            lambda ws=workspace_id: _files(ws, uploads, rejected),
        ]
        for work in works:
            while work():
                yield
            yield


def _workspaces() -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _contacts(workspace_id: int, before: datetime) -> bool:
    """True where there may be more."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM contacts_contact WHERE workspace_id = %s AND deleted_at < %s AND erased_at IS NULL "
            "ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [workspace_id, before, CHUNK],
        )
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            erasing.overwrite(cursor, workspace_id, ids)
    return len(ids) == CHUNK


def _members(workspace_id: int, before: datetime) -> bool:
    """A list of a million is emptied before it goes."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM contacts_listmember WHERE workspace_id = %(ws)s AND id IN (SELECT m.id "
            "FROM contacts_contactlist l JOIN contacts_listmember m ON m.workspace_id = l.workspace_id "
            "AND m.contact_list_id = l.id WHERE l.workspace_id = %(ws)s AND l.deleted_at < %(before)s LIMIT %(most)s)",
            {"ws": workspace_id, "before": before, "most": CHUNK * 10},
        )
        return cursor.rowcount == CHUNK * 10


def _named(workspace_id: int, before: datetime) -> bool:
    """Lists, segments, companies, forms; a topic only if no proof of consent and no message is about it."""
    with scope(workspace_id):
        for model in (ContactList, Segment, Company, SignupForm):
            ids = list(model.objects.filter(deleted_at__lt=before).values_list("pk", flat=True)[:CHUNK])
            model.objects.filter(pk__in=ids).delete()
        for topic in Topic.objects.filter(deleted_at__lt=before):
            try:
                with transaction.atomic():
                    topic.delete()
            except ProtectedError:
                continue
    return False


def _files(workspace_id: int, uploads: datetime, rejected: datetime) -> bool:
    with scope(workspace_id):
        forgotten = ContactImport.objects.filter(state=ContactImport.State.UPLOADED, uploaded_at__lt=uploads)
        forgotten.delete()
        old = ContactImport.objects.filter(uploaded_at__lt=rejected).values("pk")
        rows = RejectedRow.objects.filter(contact_import__in=old).exclude(cells=[]).values_list("pk", flat=True)
        ids = list(rows[: CHUNK * 10])
        RejectedRow.objects.filter(pk__in=ids).update(cells=[])
    return len(ids) == CHUNK * 10
