"""Background work of this app."""

import logging

from django.db import InterfaceError, OperationalError, connections
from django.utils.translation import gettext as _

from accounts.models import Job
from accounts.notifying import notify
from contacts import notices, purging, snapshotting, unconfirmed
from contacts.exporting import parts
from contacts.exporting import running as exporting
from contacts.importing import forecasting, running, undoing
from contacts.models import BulkAction, ContactImport, ContactList, Export, Segment
from contacts.segmentation.definition import BadDefinition
from kernel import throttle
from kernel.jobs import enqueue, job
from kernel.tenancy import scope

log = logging.getLogger("fanfare.contacts")


@job(queue="imports")
def take_snapshot(*, segment_id: int, list_id: int, job_id: int) -> None:
    progress = Job.objects.get(pk=job_id)
    segment, contact_list = Segment.objects.get(pk=segment_id), ContactList.objects.get(pk=list_id)
    try:
        people = snapshotting.fill(segment, contact_list)
    except BadDefinition as problem:
        progress.finish(Job.State.FAILED, str(problem)[:300])
        return
    progress.finish(Job.State.DONE, _("%(n)d people on the list %(name)s") % {"n": people, "name": contact_list.name})


@job(queue="imports", scoped=False)
def import_contacts(*, workspace_id: int, import_id: int) -> None:
    try:
        finished = running.run(workspace_id, import_id)
    except running.Interrupted:
        return
    except (OperationalError, InterfaceError):
        raise  # the database went away: the queue repeats the job, and the cursor knows where
    except Exception as problem:
        log.exception("import %s failed", import_id)
        with scope(workspace_id):
            running.give_up(ContactImport.objects.select_related("job").get(pk=import_id), problem)
        return
    if not finished:
        enqueue(import_contacts, workspace_id=workspace_id, import_id=import_id)
        return
    with scope(workspace_id):
        done = ContactImport.objects.select_related("uploaded_by").get(pk=import_id)
        if done.uploaded_by:
            notify([done.uploaded_by], lambda: notices.import_finished(done), email=done.rows >= 1000)


@job(queue="bulk", scoped=False)
def act_in_bulk(*, workspace_id: int, action_id: int) -> None:
    from contacts import bulk  # which enqueues this

    try:
        finished = bulk.run(workspace_id, action_id)
    except bulk.Interrupted:
        return
    except (OperationalError, InterfaceError):
        raise  # the database went away: the queue repeats the job, and the cursor knows where
    except Exception:
        log.exception("bulk action %s failed", action_id)
        with scope(workspace_id):
            bulk.give_up(BulkAction.objects.select_related("job").get(pk=action_id))
        return
    if not finished:
        enqueue(act_in_bulk, workspace_id=workspace_id, action_id=action_id)
        return
    with scope(workspace_id):
        done = BulkAction.objects.select_related("asked_by").get(pk=action_id)
        if done.asked_by:
            notify([done.asked_by], lambda: notices.bulk_action_finished(done), email=False)


@job(queue="imports", scoped=False)
def make_export(*, workspace_id: int, export_id: int) -> None:
    try:
        made = exporting.run(workspace_id, export_id)
    except exporting.Interrupted:
        return
    except (OperationalError, InterfaceError):
        raise  # the database went away: the queue repeats the job, which begins anew
    except Exception as problem:
        if not isinstance(problem, parts.Stopped | exporting.TooMuch | ValueError):
            log.exception("export %s failed", export_id)
        with scope(workspace_id):
            export = Export.objects.select_related("job", "asked_by").get(pk=export_id)
            exporting.give_up(export, problem)
            if export.asked_by:
                notify([export.asked_by], lambda: notices.export_failed(export))
        return
    if not made:
        return
    with scope(workspace_id):
        export = Export.objects.select_related("asked_by").get(pk=export_id)
        if export.asked_by and export.state == Export.State.DONE:
            whole = export.kind == Export.Kind.WORKSPACE
            notify([export.asked_by], lambda: notices.export_made(export), email=whole or export.rows >= 10_000)


@job(scoped=False)
def tidy_exports() -> None:
    """Files whose time is over are thrown away; exports whose worker died are asked for again."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, array_agg(id) FROM contacts_export WHERE state = 'done' AND expires_at < now() "
            "GROUP BY workspace_id"
        )
        over = cursor.fetchall()
        cursor.execute(
            "SELECT e.workspace_id, e.id FROM contacts_export e JOIN accounts_job j ON j.id = e.job_id "
            "WHERE e.state = 'running' AND j.updated_at < now() - interval '20 minutes'"
        )
        lost = cursor.fetchall()
    for workspace_id, ids in over:
        with scope(workspace_id):
            exporting.expire(Export.objects.filter(pk__in=ids))
    for workspace_id, export_id in lost:
        enqueue(make_export, workspace_id=workspace_id, export_id=export_id)


@job(queue="bulk", scoped=False)
def purge_trash() -> None:
    if not purging.purge():
        enqueue(purge_trash)


@job(scoped=False)
def remind_of_signups() -> None:
    unconfirmed.remind()


@job(scoped=False)
def forget_unconfirmed() -> None:
    unconfirmed.forget()
    throttle.forget_old()


@job(queue="imports", scoped=False)
def forecast_import(*, workspace_id: int, import_id: int, token: str) -> None:
    forecasting.run(workspace_id, import_id, token)


@job(queue="imports", scoped=False)
def undo_import(*, workspace_id: int, import_id: int) -> None:
    try:
        finished = undoing.run(workspace_id, import_id)
    except running.Interrupted:
        return
    except (OperationalError, InterfaceError):
        raise  # the database went away: the queue repeats the job, and the cursor knows where
    except Exception:
        log.exception("undoing import %s failed", import_id)
        with scope(workspace_id):
            undoing.give_up(ContactImport.objects.select_related("job").get(pk=import_id))
        return
    if not finished:
        enqueue(undo_import, workspace_id=workspace_id, import_id=import_id)
