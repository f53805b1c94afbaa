from django.http import Http404
from django.shortcuts import render

from accounts.access import access
from contacts.forms.groups.picker import Picker
from contacts.groups import pickers


@access("contacts.view")
def index(request):
    """What a picker's search finds while typing, of the kinds that it asks for."""
    keys = dict.fromkeys(request.GET.getlist("of"))
    if not keys or not keys.keys() <= set(pickers.KINDS.names()):
        raise Http404
    kinds = tuple(pickers.KINDS[key] for key in keys)
    picker = Picker(request.GET.get("for", "")[:100], "", kinds, several="one" not in request.GET)
    picker.search(request.GET.get(picker.search_name, ""))
    return render(request, "contacts/groups/choices/_found.html", {"picker": picker})
