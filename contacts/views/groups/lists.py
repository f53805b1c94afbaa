from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.groups.groups import ListForm, MembersForm
from contacts.groups import capped_counts
from contacts.models import Contact, ContactList, ListMember
from contacts.people import searching
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import Page, paginate


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    query = parameters.text(request.GET, "q")
    lists = ContactList.objects.present()
    if query:
        lists = lists.filter(name__icontains=query)
    page = paginate(lists, order="name", cursor=parameters.cursor(request.GET))
    context = {"page": page, "sizes": capped_counts.of(ListMember, [one.pk for one in page.rows]), "q": query}
    return render(
        request,
        "contacts/groups/lists/index.html#rows" if request.htmx else "contacts/groups/lists/index.html",
        context,
    )


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "list.created", form.instance)
        messages.success(request, _("List created. Add contacts here, select them in Contacts, or import them."))
        return back_to(request, "contacts:list", pk=form.instance.pk)
    return render(request, "contacts/groups/lists/form.html", {"form": form})


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return page_of(request, get_object_or_404(ContactList.objects.present(), pk=pk), MembersForm())


def page_of(request: WorkspaceRequest, contact_list: ContactList, form: MembersForm) -> HttpResponse:
    """The page of a list. `form`: the form that adds people, with its errors."""
    query = parameters.text(request.GET, "q", 254)
    people = Contact.objects.present().listed(contact_list.pk)
    if query:
        found = searching.search(people, query, country=request.workspace.country)
        page, cut = Page(found[: searching.MAX_RESULTS], None, None), len(found) > searching.MAX_RESULTS
    else:
        page, cut = paginate(people, cursor=parameters.cursor(request.GET)), False
    context = {"list": contact_list, "page": page, "cut": cut, "q": query, "form": form}
    if not request.htmx:
        context["size"] = capped_counts.count(people)
    return render(
        request, "contacts/groups/lists/show.html#rows" if request.htmx else "contacts/groups/lists/show.html", context
    )


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(locked_for_saving(request, ContactList.objects.present()), pk=pk)
    form = ListForm(request.POST or None, instance=one)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "list.changed", one, fields=form.changed_data)
        messages.success(request, _("List saved."))
        return back_to(request, "contacts:list", pk=pk)
    return render(request, "contacts/groups/lists/form.html", {"form": form, "list": one})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete the list; the contacts on it stay."""
    one = get_object_or_404(ContactList.objects.present(), pk=pk)
    if discard_on_page(request, one, "list.deleted", _("List deleted. Its contacts are kept.")):
        return back_to(request, "contacts:lists")
    return back_to(request, "contacts:list", pk=pk)
