from django.http import Http404
from django.shortcuts import render

from accounts.access import access
from contacts.identity import name_lists
from contacts.models import Company, ContactList, Tag

MOST = 20


@access("contacts.view")
def index(request, of):
    """Names to choose from while typing: <option>s, each the whole line with one name finished."""
    if of not in SOURCES:
        raise Http404
    typed = request.GET.get("text", "").replace("\0", "")[:1000]
    one = "one" in request.GET
    before, beginning = ("", typed) if one else name_lists.last_begun(typed)
    found = SOURCES[of](" ".join(beginning.split())).values_list("name", flat=True)[:MOST]
    lines = [name if one else before + name_lists.quoted(name) for name in found]
    return render(request, "contacts/segments/_options.html", {"lines": lines})


def _tags(beginning: str):
    return Tag.objects.present().filter(name__istartswith=beginning)


def _lists(beginning: str):
    return ContactList.objects.present().filter(name__istartswith=beginning)


def _companies(beginning: str):
    return Company.objects.present().starting_with(beginning)


SOURCES = {"tags": _tags, "lists": _lists, "companies": _companies}
