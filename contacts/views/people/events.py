from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.contact_events import listing, unused
from contacts.models import EventName
from kernel.http import back_to


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """What people did in this workspace: the names of events, how many there are, and the last one."""
    return render(request, "contacts/people/events/index.html", {"events": listing.of_workspace()})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete a name that has no events: there is room for a limited number."""
    name = get_object_or_404(EventName, pk=pk)
    with connection.cursor() as cursor:
        deleted = unused.delete(cursor, request.workspace.pk, [name.pk])
    if deleted:
        audit.record(request.actor, "event.deleted", name)
        messages.success(request, _("Event deleted."))
    else:
        messages.error(request, _("This event can't be deleted: a segment uses it, or it has been recorded."))
    return back_to(request, "contacts:events")
