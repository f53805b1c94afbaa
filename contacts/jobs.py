"""Background work of this app."""

import logging

from django.db import InterfaceError, OperationalError

from accounts.notifying import notify
from contacts import notices, unconfirmed
from contacts.importing import running
from contacts.models import ContactImport
from kernel import throttle
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


@job(scoped=False)
def remind_of_signups() -> None:
    unconfirmed.remind()


@job(scoped=False)
def forget_unconfirmed() -> None:
    unconfirmed.forget()
    throttle.forget_old()
