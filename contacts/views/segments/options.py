from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import name_lists
from contacts.models import Company, ContactList, Tag
from kernel import parameters

MAX_OPTIONS = 20


@access("contacts.view")
def index(request: WorkspaceRequest, of: str) -> HttpResponse:
    """Names to choose from while typing, as <option>s. Each holds the whole line, with the last name completed."""
    if of not in SOURCES:
        raise Http404
    typed = parameters.text(request.GET, "text", 1000, strip=False)
    is_single = "one" in request.GET
    before, beginning = ("", typed) if is_single else name_lists.last_begun(typed)
    found = SOURCES[of](" ".join(beginning.split())).values_list("name", flat=True)[:MAX_OPTIONS]
    lines = [name if is_single else before + name_lists.quoted(name) for name in found]
    return render(request, "contacts/segments/_options.html", {"lines": lines})


def _tags(beginning: str) -> QuerySet[Tag]:
    return Tag.objects.present().filter(name__istartswith=beginning)


def _lists(beginning: str) -> QuerySet[ContactList]:
    return ContactList.objects.present().filter(name__istartswith=beginning)


def _companies(beginning: str) -> QuerySet[Company]:
    return Company.objects.present().starting_with(beginning)


SOURCES: dict[str, Callable[[str], QuerySet]] = {"tags": _tags, "lists": _lists, "companies": _companies}
