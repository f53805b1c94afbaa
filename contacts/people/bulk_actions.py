"""One action on many contacts: on a small selection during the request, on a whole filter in the background.

A chunk is one transaction that holds the changes, the counts and the cursor together: when the worker is killed, the
work continues from the saved cursor and no contact is changed twice. Background work uses the engine connection.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Job, Workspace
from contacts.models import BulkAction, Contact, ContactChange, ContactTag
from contacts.people import bulk_verbs
from contacts.people.filtering import ContactFilter
from kernel.causes import caused_by
from kernel.jobs import Interrupted, enqueue
from kernel.links import workspace_url
from kernel.templatetags.ui import colon
from kernel.tenancy import across_workspaces, is_across

Verb = BulkAction.Verb
CHUNK = 5000
#: A selection of up to this many contacts is changed during the request.
MAX_IN_REQUEST = 1000
#: Verbs for which the member needs the permission contacts.delete.
NEEDS_DELETE = {Verb.DELETE, Verb.MERGE_TAG}


def people(scope_data: dict, workspace_id: int) -> QuerySet[Contact]:
    """The contacts in a scope: {"ids": [...]} of a selection, or {"filter": {...}} for everyone a filter matches."""
    contacts = Contact.objects.filter(workspace_id=workspace_id)
    if "ids" in scope_data:
        return contacts.present().filter(pk__in=scope_data["ids"])
    return ContactFilter.of(scope_data.get("filter", {})).apply(contacts, workspace_id=workspace_id)


def start(actor: Actor, verb: str, about: dict, *, target_id: int | None = None) -> BulkAction:
    """Record the action and run it: immediately for few contacts, otherwise in the background."""
    action = BulkAction.objects.create(
        verb=verb,
        scope=about,
        target_id=target_id,
        upto=Contact.objects.order_by("-id").values_list("pk", flat=True).first() or 0,
        asked_by=actor.user,
        address=actor.address,
    )
    is_small = "filter" not in about and _ids(action)[: MAX_IN_REQUEST + 1].count() <= MAX_IN_REQUEST
    if is_small:
        while _step(action):
            pass
        return action
    workspace = Workspace.objects.get(pk=action.workspace_id)
    action.job = Job.objects.create(
        kind="bulk",
        owner=actor.user,
        message=describe(action),
        path=workspace_url(workspace, "contacts:bulk_action", pk=action.pk),
    )
    action.save(update_fields=["job"])
    enqueue("contacts.act_in_bulk", workspace_id=workspace.pk, action_id=action.pk)
    return action


def run(workspace_id: int, action_id: int, *, budget: float = 40.0) -> bool:
    """Continue until every contact is done (True) or the budget in seconds is used up (False: call again).

    Raises Interrupted where another worker has finished it or is working on it.
    """
    deadline = time.monotonic() + budget
    with across_workspaces("bulk actions run as the engine; every statement names the workspace"):
        action = BulkAction.objects.select_related("job").get(pk=action_id, workspace_id=workspace_id)
        if action.finished_at:
            raise Interrupted  # another worker has finished it
        while _step(action):
            if time.monotonic() > deadline:
                return False
    return True


def describe(action: BulkAction) -> str:
    """A title for pages and notices: what is done, and the name of the tag or list."""
    verb = action.get_verb_display()
    return f"{colon(verb)} {name}" if (name := action.scope.get("name")) else verb


def give_up(action: BulkAction) -> None:
    """Mark the job as failed. Changes made so far stay; the action's page offers to continue from there."""
    if action.job:
        action.job.finish(Job.State.FAILED, _("Something went wrong. Changes made so far are kept."))


def _step(action: BulkAction) -> bool:
    """Process the next chunk. False where no contact is left. Raises Interrupted."""
    alias = "engine" if is_across() else "default"
    with transaction.atomic(alias), connections[alias].cursor() as cursor, _caused_by(cursor, action):
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


def _caused_by(cursor: CursorWrapper, action: BulkAction) -> AbstractContextManager[None]:
    return caused_by(ContactChange.Source.BULK, source_id=action.pk, actor_id=action.asked_by_id, cursor=cursor)


def _claim(cursor: CursorWrapper, action: BulkAction) -> None:
    """Lock the action. A second worker waits here, then sees that the cursor has moved. Raises Interrupted."""
    cursor.execute(
        "SELECT cursor, finished_at FROM contacts_bulkaction WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [action.workspace_id, action.pk],
    )
    if cursor.fetchone() != (action.cursor, None):
        raise Interrupted


def _ids(action: BulkAction) -> QuerySet:
    """The ids of the contacts that are not done yet, in ascending order."""
    if action.verb == Verb.MERGE_TAG:
        tagged = ContactTag.objects.filter(workspace_id=action.workspace_id, tag_id=action.scope["tag"])
        return tagged.filter(contact_id__gt=action.cursor).order_by("contact_id").values_list("contact_id", flat=True)
    contacts = people(action.scope, action.workspace_id).filter(pk__gt=action.cursor, pk__lte=action.upto)
    return contacts.order_by("pk").values_list("pk", flat=True)
