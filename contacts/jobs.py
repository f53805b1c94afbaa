"""Background work of this app."""

import logging

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from accounts.models import Job
from accounts.notifying import notify
from contacts import notices, snapshotting
from contacts.importing import running
from contacts.models import BulkAction, ContactImport, ContactList, Segment
from contacts.segmentation.definition import BadDefinition
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
