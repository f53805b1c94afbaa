"""Background work of this app."""

import logging

from django.db import InterfaceError, OperationalError

from accounts.notifying import notify
from contacts import notices
from contacts.importing import forecasting, running, undoing
from contacts.models import ContactImport
from kernel.jobs import enqueue, job
from kernel.tenancy import scope

log = logging.getLogger("fanfare.contacts")


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


@job(queue="imports", scoped=False)
def forecast_import(*, workspace_id: int, import_id: int, token: str) -> None:
    forecasting.run(workspace_id, import_id, token)


@job(queue="imports", scoped=False)
def undo_import(*, workspace_id: int, import_id: int) -> None:
    try:
        finished = undoing.run(workspace_id, import_id)
    except running.Interrupted:
        return
    if not finished:
        enqueue(undo_import, workspace_id=workspace_id, import_id=import_id)
