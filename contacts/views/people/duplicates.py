from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.people import duplicates
from kernel import parameters


@access("contacts.delete")
def index(request: WorkspaceRequest) -> HttpResponse:
    """Pairs that may be the same person, a window of last names at a time."""
    after = parameters.text(request.GET, "after")
    return render(request, "contacts/people/duplicates/index.html", {"look": duplicates.find(after), "after": after})
