from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.models import Contact
from contacts.people import timeline
from kernel import parameters


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Older events, as a fragment of the contact's page."""
    contact = get_object_or_404(Contact, pk=pk)
    context = {"contact": contact, "timeline": timeline.of(contact, parameters.cursor(request.GET, "before"))}
    return render(request, "contacts/people/contacts/_timeline.html", context)
