"""One thing done to many: to a selection while the page waits, to a whole filter in the background.

A chunk is one transaction that holds the deed, the counts and the cursor together: killed anywhere, the work goes on
from its row and nobody is done to twice. In the background it runs on the engine connection.
"""

from __future__ import annotations

import time

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Job
from contacts import jobs
from contacts.models import BulkAction, Contact, ContactTag
from contacts.people import bulk_verbs
from contacts.people.filtering import ContactFilter
from kernel.http import client_address
from kernel.jobs import Interrupted, enqueue
from kernel.links import workspace_url
from kernel.tenancy import across_workspaces, is_across

Verb = BulkAction.Verb
CHUNK = 5000
#: So many are done while the page waits.
AT_ONCE = 1000
NEEDS_DELETE = {Verb.DELETE, Verb.MERGE_TAG}


def people(scope_data: dict, workspace_id: int):
    """Whom a scope means: the ids of a selection, or everyone a filter matches."""
    contacts = Contact.objects.filter(workspace_id=workspace_id)
    if "ids" in scope_data:
        return contacts.present().filter(pk__in=scope_data["ids"])
    return ContactFilter.of(scope_data.get("filter", {})).apply(contacts)


def start(request, verb: str, about: dict, *, target_id: int | None = None) -> BulkAction:
    """Note what is to be done, and do it: at once where it concerns few, else in the background."""
    action = BulkAction.objects.create(
        verb=verb,
        scope=about,
        target_id=target_id,
        upto=Contact.objects.order_by("-id").values_list("pk", flat=True).first() or 0,
        asked_by=request.user,
        address=client_address(request),
    )
    few = _ids(action)[: AT_ONCE + 1].count() <= AT_ONCE if "filter" not in about else False
    if few:
        while _step(action):
            pass
        return action
    action.job = Job.objects.create(
        kind="bulk",
        owner=request.user,
        message=describe(action),
        path=workspace_url(request.workspace, "contacts:bulk_action", pk=action.pk),
    )
    action.save(update_fields=["job"])
    enqueue(jobs.act_in_bulk, workspace_id=request.workspace.pk, action_id=action.pk)
    return action


def run(workspace_id: int, action_id: int, *, budget: float = 40.0) -> bool:
    """Go on until everyone is done (True) or the budget in seconds is used up (False: call again). Raises
    Interrupted."""
    deadline = time.monotonic() + budget
    with across_workspaces("bulk actions run as the engine; every statement names the workspace"):
        action = BulkAction.objects.select_related("job").get(pk=action_id, workspace_id=workspace_id)
        if action.finished_at:
            raise Interrupted  # another worker brought it to its end
        while _step(action):
            if time.monotonic() > deadline:
                return False
    return True


def describe(action: BulkAction) -> str:
    return f"{action.get_verb_display()}: {name}" if (name := action.scope.get("name")) else action.get_verb_display()


def give_up(action: BulkAction) -> None:
    """What was done stays; the page of the action offers to go on from there."""
    action.job.finish(Job.State.FAILED, _("Something went wrong. Changes made so far are kept."))


def _step(action: BulkAction) -> bool:
    """Do it to the next chunk. False where nobody is left. Raises Interrupted."""
    alias = "engine" if is_across() else "default"
    with transaction.atomic(alias), connections[alias].cursor() as cursor:
        _claim(cursor, action)
        ids = list(_ids(action)[:CHUNK])
        action.changed += bulk_verbs.act(cursor, action, ids)
        if ids:
            action.cursor, action.seen = ids[-1], action.seen + len(ids)
        else:
            bulk_verbs.clean_up(cursor, action)
            action.finished_at = timezone.now()
        action.save(update_fields=["cursor", "seen", "changed", "finished_at"])
        if action.job:
            action.job.progress(action.seen)
        if action.job and action.finished_at:
            action.job.finish(Job.State.DONE, describe(action))
    return bool(ids)


def _claim(cursor, action: BulkAction) -> None:
    """Two workers on one action: the second one waits here, then sees that the cursor has moved. Raises Interrupted."""
    cursor.execute(
        "SELECT cursor, finished_at FROM contacts_bulkaction WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [action.workspace_id, action.pk],
    )
    if cursor.fetchone() != (action.cursor, None):
        raise Interrupted


def _ids(action: BulkAction):
    """The ids of those who are not done yet, in order."""
    if action.verb == Verb.MERGE_TAG:
        bearers = ContactTag.objects.filter(workspace_id=action.workspace_id, tag_id=action.scope["tag"])
        return bearers.filter(contact_id__gt=action.cursor).order_by("contact_id").values_list("contact_id", flat=True)
    contacts = people(action.scope, action.workspace_id).filter(pk__gt=action.cursor, pk__lte=action.upto)
    return contacts.order_by("pk").values_list("pk", flat=True)
