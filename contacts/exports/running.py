"""Making an export's file: all its rows as they were at one moment, however long it takes.

One REPEATABLE READ transaction on the engine connection reads; short transactions of the web role keep the parts. A
worker that dies leaves parts behind, which the next one throws away: a snapshot can't be taken up again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Job
from contacts.exports import selection, sources, workspace_archive
from contacts.exports.formats import WRITERS
from contacts.exports.parts import PartWriter, Stopped
from contacts.models import Export, ExportPart
from kernel.jobs import Interrupted
from kernel.links import workspace_url
from kernel.tenancy import scope

BUDGET = 280.0  # seconds, below the timeout of the queue
LOCK = 0x65787074  # of exports, among PostgreSQL's advisory locks


class TooMuch(Exception):
    """More than one worker can write in one go."""


class Untold(Exception):
    """Whom it is about can't be told any more; the message says why."""


#: What is an answer to whoever asked, and no fault of ours.
EXPECTED = (Stopped, TooMuch, Untold)


def begin(*, kind: str, file_format: str, name: str, wanted: dict, user) -> Export:
    """Ask for an export. The caller enqueues the job in the same transaction."""
    export = Export.objects.create(kind=kind, format=file_format, name=name[:200], scope=wanted, asked_by=user)
    path = workspace_url(export.workspace, "contacts:export", pk=export.pk)
    export.job = Job.objects.create(kind="export", owner=user, message=export.name, path=path)
    export.save(update_fields=["job"])
    return export


def run(workspace_id: int, export_id: int) -> None:
    """Make the file. Raises Interrupted, and one of EXPECTED where it can't be made."""
    with scope(workspace_id):
        export = Export.objects.select_related("job").get(pk=export_id)
        if export.state == Export.State.EXPIRED:
            raise Stopped
        if export.state != Export.State.RUNNING:
            raise Interrupted  # another worker has made it
        chosen = _chosen(export)
    with _snapshot(export):
        with scope(workspace_id):
            ExportPart.objects.filter(export=export).delete()
        writer = _write(export, chosen)
    with scope(workspace_id):
        _finish(Export.objects.select_for_update(of=("self",)).select_related("job").get(pk=export_id), writer)


def _chosen(export: Export) -> tuple[str, dict]:
    """Whom it is about, as a condition with its parameters. Raises Untold."""
    if export.kind != Export.Kind.CONTACTS:
        return "TRUE", {}
    try:
        return selection.condition(export.scope)
    except ValueError as problem:
        raise Untold(str(problem)) from problem


def expire(exports) -> int:
    """Throw the files of these exports away, in the active scope. One that is being made stops."""
    ids = list(exports.exclude(state=Export.State.EXPIRED).values_list("pk", flat=True))
    Export.objects.filter(pk__in=ids).update(state=Export.State.EXPIRED)
    ExportPart.objects.filter(export_id__in=ids).delete()
    return len(ids)


def give_up(export: Export, problem: Exception) -> None:
    ExportPart.objects.filter(export=export).delete()
    if export.state == Export.State.RUNNING:
        export.state = Export.State.FAILED
        export.save(update_fields=["state"])
    export.job.finish(Job.State.FAILED, _why(problem))


def _why(problem: Exception) -> str:
    if isinstance(problem, Stopped):
        return _("Stopped because a contact's data was erased in the meantime. Export again.")
    if isinstance(problem, TooMuch):
        return _("This is too much for one file. Export one list, tag or segment at a time.")
    if isinstance(problem, Untold):
        return _("The contacts to export can no longer be found: %(why)s") % {"why": str(problem)[:200]}
    return _("Something went wrong. Export again. If it keeps failing, contact support.")


@contextmanager
def _snapshot(export: Export) -> Iterator[None]:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, export.pk % 2**31])
        if not cursor.fetchone()[0]:
            raise Interrupted
        yield


def _write(export: Export, chosen: tuple[str, dict]) -> PartWriter:
    deadline = time.monotonic() + BUDGET
    if export.kind == Export.Kind.WORKSPACE:
        sink = PartWriter(export)
        for _table in workspace_archive.write(sink, export.workspace_id):
            _check(deadline)
        sink.finish()
        return sink
    if export.kind == Export.Kind.SUPPRESSIONS:
        sink, source = PartWriter(export), sources.suppressions(export.workspace_id)
    else:
        sink = PartWriter(export, sources.count(export.workspace_id, *chosen))
        source = sources.contacts(export.workspace_id, *chosen)
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
        raise TooMuch


def _finish(export: Export, writer: PartWriter) -> None:
    if export.state != Export.State.RUNNING:
        raise Stopped  # it expired meanwhile: somebody was erased
    export.state, export.rows, export.size = Export.State.DONE, writer.rows, writer.size
    export.expires_at = timezone.now() + timedelta(days=settings.EXPORT_DAYS)
    export.save(update_fields=["state", "rows", "size", "expires_at"])
    export.job.progress(writer.rows, writer.rows)
    words = ngettext("%(rows)d row exported", "%(rows)d rows exported", writer.rows)
    export.job.finish(Job.State.DONE, words % {"rows": writer.rows})
