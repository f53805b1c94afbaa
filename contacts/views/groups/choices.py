from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.groups.picker import Picker
from contacts.groups import pickers
from kernel import parameters


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """The choices that match a picker's search text, of the kinds that it asks for."""
    keys = dict.fromkeys(parameters.texts(request.GET, "of"))
    if not keys or not keys.keys() <= set(pickers.KINDS.names()):
        raise Http404
    kinds = tuple(pickers.KINDS[key] for key in keys)
    picker = Picker(parameters.text(request.GET, "for", 100), "", kinds, several="one" not in request.GET)
    picker.search(parameters.text(request.GET, picker.search_name))
    return render(request, "contacts/groups/choices/_found.html", {"picker": picker})
