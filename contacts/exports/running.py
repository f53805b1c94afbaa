"""Creates the file of an export: all its rows as they were at one moment, however long it takes.

One REPEATABLE READ transaction on the engine connection reads the rows. Meanwhile the file is written to parts in short
transactions of the web role, or to a temporary file, which is kept (`kernel.files`) after the snapshot has ended. If a
worker dies, the next one starts again: a snapshot can't be continued.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Job, User
from contacts.exports import kinds, workspace_archive
from contacts.exports.formats import WRITERS
from contacts.exports.kept_file import KeptWriter
from contacts.exports.parts import PartWriter, Stopped, job_of
from contacts.models import Export, ExportPart
from kernel.files import keeping, places, problems
from kernel.files.keeping import Kept
from kernel.jobs import Interrupted, enqueue
from kernel.links import workspace_url
from kernel.tenancy import require_workspace_id, scope

log = logging.getLogger("fanfare.files")

BUDGET = 280.0  # seconds, below the timeout of the queue
KEEPING = 40.0  # seconds of it for keeping the file, where it is not in the database
LOCK = 0x65787074  # the first key of an export's advisory lock in PostgreSQL; the second is its id


class TooLarge(Exception):
    """Raised if the export takes longer than one job may take."""


#: The file can't be stored: the place is down, its disk is full, or what it wrote is damaged.
UNSTORED = (problems.Unavailable, problems.Damaged, OSError)
#: Expected problems: a message for the person who asked for the export, not an error in the program.
EXPECTED = (Stopped, TooLarge, kinds.Unusable, problems.Full, *UNSTORED)


def begin(*, kind: str, file_format: str, name: str, wanted: dict, user: User | None) -> Export:
    """The row of an export. `asking.ask` also enqueues its job. Raises KeyError for a kind that does not exist."""
    if kind not in kinds.KINDS:
        raise KeyError(kind)
    export = Export.objects.create(kind=kind, format=file_format, name=name[:200], scope=wanted, asked_by=user)
    path = workspace_url(export.workspace, "contacts:export", pk=export.pk)
    export.job = Job.objects.create(kind="export", owner=user, message=export.name, path=path)
    export.save(update_fields=["job"])
    return export


def run(workspace_id: int, export_id: int) -> None:
    """Create the file. Raises Interrupted if another worker has the export, and one of EXPECTED if it can't be
    created."""
    with scope(workspace_id):
        export = Export.objects.select_related("job").get(pk=export_id)
        if export.state == Export.State.EXPIRED:
            raise Stopped
        if export.state != Export.State.RUNNING:
            raise Interrupted  # another worker finished it
        prepared = kinds.KINDS[export.kind].prepare(export.scope)
    with _snapshot(export):
        with scope(workspace_id):
            ExportPart.objects.filter(export=export).delete()
        sink = _write(export, prepared)
    kept = sink.keep()
    with keeping.discarded_on_failure(kept), scope(workspace_id):
        _finish(Export.objects.select_for_update(of=("self",)).select_related("job").get(pk=export_id), sink, kept)


def waits_for_storage(workspace_id: int, export_id: int, problem: Exception) -> bool:
    """Tell the operator that the file can't be stored. Whether it is tried again: then the page says so."""
    log.error("The file of export %d can't be stored: %s", export_id, problem)
    with scope(workspace_id):
        job = job_of(Export.objects.select_related("job").get(pk=export_id))
        if not job.may_be_tried_again:
            return False
        job.progress(job.done, message=_("Files can't be stored at the moment. It is tried again by itself."))
    return True


def expire(exports: QuerySet[Export]) -> int:
    """Delete the files of these exports, in the active scope, and stop those that are running. Returns how many.

    A kept file is deleted by a job that belongs to the caller's transaction: nobody waits for another server in it.
    """
    locked = exports.exclude(state=Export.State.EXPIRED).select_for_update().order_by("pk")
    files = dict(locked.values_list("pk", "file"))
    Export.objects.filter(pk__in=files).update(state=Export.State.EXPIRED, file="")
    ExportPart.objects.filter(export_id__in=files).delete()
    workspace_id = require_workspace_id()
    for file in filter(None, files.values()):
        enqueue("kernel.delete_file", workspace_id=workspace_id, file=file)
    return len(files)


def give_up(export: Export, problem: Exception) -> None:
    """Mark the export as failed, and delete its parts."""
    ExportPart.objects.filter(export=export).delete()
    if export.state == Export.State.RUNNING:
        export.state = Export.State.FAILED
        export.save(update_fields=["state"])
    job_of(export).finish(Job.State.FAILED, _message(problem))


def _message(problem: Exception) -> str:
    if isinstance(problem, Stopped):
        return _("Stopped because a contact's data was erased in the meantime. Export again.")
    if isinstance(problem, TooLarge):
        return _("This is too much for one file. Export one list, tag or segment at a time.")
    if isinstance(problem, kinds.Unusable):
        return _("What was asked for can no longer be exported: %(why)s") % {"why": str(problem)[:200]}
    if isinstance(problem, problems.Full):
        return str(problem)
    if isinstance(problem, UNSTORED):
        return _("Files can't be stored at the moment. Try again in a few minutes.")
    return _("Something went wrong. Export again. If it keeps failing, contact support.")


@contextmanager
def _snapshot(export: Export) -> Iterator[None]:
    """One snapshot of the database on the engine connection. Raises Interrupted if another worker has the export."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, export.pk % 2**31])
        if not cursor.fetchone()[0]:
            raise Interrupted
        yield


def _write(export: Export, prepared: Any) -> PartWriter | KeptWriter:
    kind = kinds.KINDS[export.kind]
    writes = KeptWriter if places.is_on() else PartWriter
    deadline = time.monotonic() + BUDGET - (KEEPING if places.is_on() else 0)
    if kind.source is None:
        sink = writes(export)
        until = deadline - BUDGET / 4  # what can't be stopped half-way has an end before the job's
        for _table in workspace_archive.write(sink, export.workspace_id, files_until=until):
            _check(deadline)
        sink.finish()
        return sink
    source = kind.source(export.workspace_id, prepared)
    sink = writes(export, source.total)
    writer = WRITERS[export.format](sink, source.columns)
    for rows in source.chunks():
        writer.write(rows)
        sink.rows += len(rows)
        _check(deadline)
    writer.close()
    sink.finish()
    return sink


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TooLarge


def _finish(export: Export, sink: PartWriter | KeptWriter, kept: Kept | None) -> None:
    if export.state == Export.State.DONE:
        raise Interrupted  # another worker began while the file was being kept, and was faster
    if export.state != Export.State.RUNNING:
        raise Stopped  # it expired meanwhile: a person was erased
    export.state, export.rows, export.size = Export.State.DONE, sink.rows, sink.size
    if kept is not None:
        export.file, export.sha256 = kept.name, kept.sha256
    export.expires_at = timezone.now() + timedelta(days=settings.EXPORT_DAYS)
    export.save(update_fields=["state", "rows", "size", "file", "sha256", "expires_at"])
    job_of(export).progress(sink.rows, sink.rows)
    text = ngettext("%(rows)d row exported", "%(rows)d rows exported", sink.rows)
    job_of(export).finish(Job.State.DONE, text % {"rows": sink.rows})
