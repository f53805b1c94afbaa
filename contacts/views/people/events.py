from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.contact_events import listing


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """What people did in this workspace: the names of events, how many there are, and the last one."""
    return render(request, "contacts/people/events/index.html", {"events": listing.of_workspace()})
