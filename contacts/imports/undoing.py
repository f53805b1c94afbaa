"""Undoes an import, within a day: contacts and companies that it alone created go to the trash. The tags, list
memberships and company links that it added are removed, also from other contacts. Events that it added are deleted, and
so are their names, where nothing else uses them.

Contacts stay if somebody edited them since, wrote to them or tagged them, or if another import contained them. Values
that the import overwrote stay, since the old ones are not kept, and so does consent, which only erasure removes. There
is one transaction for each range of ids, with the cursor and the counts.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Job, User
from contacts.contact_events import unused
from contacts.imports import retrying, running, undo_guards
from contacts.models import ContactChange, ContactImport
from kernel.causes import caused_by
from kernel.links import workspace_url

WITHIN = dt.timedelta(hours=24)
CHUNK = 20_000
# Longer than a chunk can take: after this time the worker is gone.
STUCK_AFTER = dt.timedelta(minutes=20)
TABLES = {"tags": "contacts_contacttag", "lists": "contacts_listmember", "links": "contacts_companycontact"}

_CREATED = """c.workspace_id = %(ws)s AND c.id > %(low)s AND c.id <= %(high)s AND c.import_id = %(import)s
    AND c.import_effect IN ('created', 'new_seen') AND c.deleted_at IS NULL AND c.merged_into_id IS NULL"""
TRASH = """
UPDATE contacts_contact c SET deleted_at = now()
WHERE {created} AND c.updated_at <= %(finished)s AND NOT {guarded}
"""
KEPT = f"SELECT count(*) FROM contacts_contact c WHERE {_CREATED}"  # noqa: S608
REMOVE = """
DELETE FROM {table} WHERE workspace_id = %(ws)s AND import_id = %(import)s
AND contact_id > %(low)s AND contact_id <= %(high)s
"""
REMOVE_EVENTS = f"""
WITH gone AS ({REMOVE.format(table="contacts_contactevent")} RETURNING name_id)
SELECT count(*), coalesce(array_agg(DISTINCT name_id), '{{}}') FROM gone
"""  # noqa: S608  (a statement of our own)
TRASH_COMPANIES = """
UPDATE contacts_company o SET deleted_at = now()
WHERE o.workspace_id = %(ws)s AND o.import_id = %(import)s AND o.import_effect = 'created'
AND o.deleted_at IS NULL AND o.updated_at <= %(finished)s
AND NOT EXISTS (
    SELECT FROM contacts_companycontact k JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.id = k.contact_id
    WHERE k.workspace_id = %(ws)s AND k.company_id = o.id AND c.deleted_at IS NULL)
"""


def is_possible(contact_import: ContactImport) -> bool:
    """Whether the import may be undone. Do-not-contact files can't: an undo must not make anybody reachable again."""
    return (
        contact_import.state == ContactImport.State.DONE
        and contact_import.target != ContactImport.Target.SUPPRESSION
        and contact_import.finished_at is not None
        and contact_import.finished_at > timezone.now() - WITHIN
    )


def is_stuck(contact_import: ContactImport) -> bool:
    """Whether an undo was started and its worker is gone. It may be continued, however old the import is."""
    if contact_import.state != ContactImport.State.UNDOING:
        return False
    job = contact_import.job
    return job is None or not job.is_open or job.updated_at < timezone.now() - STUCK_AFTER


def begin(contact_import: ContactImport, user: User | None) -> None:
    """Start or continue an undo. The caller enqueues the job in the same transaction. During an undo, the cursor is the
    id of the last contact that was checked."""
    if contact_import.state != ContactImport.State.UNDOING:
        contact_import.cursor = 0
        contact_import.preview = _with_undone(
            contact_import, dict.fromkeys(("contacts", "kept", *TABLES, "companies"), 0)
        )
        contact_import.undone_by, contact_import.undone_at = user, timezone.now()
    contact_import.state = ContactImport.State.UNDOING
    contact_import.job = Job.objects.create(
        kind="import",
        owner=user,
        message=_("Undo: %(file)s") % {"file": contact_import.name},
        path=workspace_url(contact_import.workspace, "contacts:import", pk=contact_import.pk),
    )
    contact_import.save()


def give_up(contact_import: ContactImport) -> None:
    """End the job with a message. What was undone stays undone; the page offers to continue from there."""
    running.job_of(contact_import).finish(
        Job.State.FAILED, _("Something went wrong. What has been undone so far stays undone.")
    )


def run(workspace_id: int, import_id: int, *, budget: float = 200.0) -> bool:
    """Undo until everything is done (True) or the budget in seconds is used up (False: call again)."""
    deadline = time.monotonic() + budget
    with running.as_engine(workspace_id, import_id) as contact_import:
        if contact_import.state != ContactImport.State.UNDOING:
            return True
        with connections["engine"].cursor() as cursor:
            cursor.execute("SELECT min(id) - 1, max(id) FROM contacts_contact WHERE workspace_id = %s", [workspace_id])
            before, last = (bound or 0 for bound in cursor.fetchone())
        if not contact_import.cursor:
            _save(contact_import, cursor=before)
        while contact_import.cursor < last:
            _undo_range(contact_import, last)
            if time.monotonic() > deadline:
                return False
        _finish(contact_import)
    return True


def _undo_range(contact_import: ContactImport, last: int) -> None:
    params = _params(contact_import) | {"low": contact_import.cursor, "high": contact_import.cursor + CHUNK}
    undone = _undone(contact_import)
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor, _caused_by(cursor, contact_import):
        running.claim(cursor, contact_import)
        cursor.execute(TRASH.format(created=_CREATED, guarded=undo_guards.any_of()), params)
        undone["contacts"] += cursor.rowcount
        cursor.execute(KEPT, params)
        undone["kept"] += cursor.fetchone()[0]
        for name, number in _remove(cursor, contact_import, params).items():
            undone[name] = undone.get(name, 0) + number
        _save(contact_import, cursor=min(params["high"], last), preview=_with_undone(contact_import, undone))
        running.job_of(contact_import).progress(contact_import.cursor, last)


def _caused_by(cursor: CursorWrapper, contact_import: ContactImport) -> AbstractContextManager[None]:
    source = ContactChange.Source.UNDO
    return caused_by(source, source_id=contact_import.pk, actor_id=contact_import.undone_by_id, cursor=cursor)


def _remove(cursor: CursorWrapper, contact_import: ContactImport, params: dict) -> dict[str, int]:
    """Remove what the import added to the contacts of the range; returns how many rows, as of ContactImport.preview."""
    if contact_import.target == ContactImport.Target.EVENTS:
        cursor.execute(REMOVE_EVENTS, params)
        events, names = cursor.fetchone()
        return {"events": events, "event_names": unused.delete(cursor, contact_import.workspace_id, names)}
    removed = {}
    for name, table in TABLES.items():
        cursor.execute(REMOVE.format(table=table), params)
        removed[name] = cursor.rowcount
    return removed


def _finish(contact_import: ContactImport) -> None:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(TRASH_COMPANIES, _params(contact_import))
        retrying.unmark(cursor, contact_import)
        preview = _with_undone(contact_import, _undone(contact_import) | {"companies": cursor.rowcount})
        _save(contact_import, state=ContactImport.State.UNDONE, preview=preview)
        running.job_of(contact_import).finish(Job.State.DONE, _("The import has been undone."))


def _undone(contact_import: ContactImport) -> dict[str, int]:
    """The counts of the undo so far, as a copy."""
    return dict((contact_import.preview or {})["undone"])


def _with_undone(contact_import: ContactImport, undone: dict[str, int]) -> dict[str, Any]:
    """The import's preview with these counts of the undo."""
    return (contact_import.preview or {}) | {"undone": undone}


def _params(contact_import: ContactImport) -> dict:
    return {
        "ws": contact_import.workspace_id,
        "import": contact_import.pk,
        "finished": contact_import.finished_at,
    }


def _save(contact_import: ContactImport, **values) -> None:
    for name, value in values.items():
        setattr(contact_import, name, value)
    contact_import.save(update_fields=list(values))
