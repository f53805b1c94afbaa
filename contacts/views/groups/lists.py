from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard
from contacts.forms.groups.groups import ListForm, MembersForm
from contacts.groups import capped_counts
from contacts.models import Contact, ContactList, ListMember
from contacts.people import searching
from kernel.http import back_to
from kernel.pagination import Page, paginate


@access("contacts.view")
def index(request):
    words = request.GET.get("q", "").replace("\0", "").strip()[:120]
    lists = ContactList.objects.present()
    if words:
        lists = lists.filter(name__icontains=words)
    page = paginate(lists, order="name", cursor=request.GET.get("cursor"))
    context = {"page": page, "sizes": capped_counts.of(ListMember, [one.pk for one in page.rows]), "q": words}
    return render(
        request,
        "contacts/groups/lists/index.html#rows" if request.htmx else "contacts/groups/lists/index.html",
        context,
    )


@access("contacts.edit")
def create(request):
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.saved():
        audit.record(request, "list.created", form.instance)
        messages.success(request, _("List created. Add contacts here, select them in Contacts, or import them."))
        return back_to(request, "contacts:list", pk=form.instance.pk)
    return render(request, "contacts/groups/lists/form.html", {"form": form})


@access("contacts.view")
def show(request, pk):
    return page_of(request, get_object_or_404(ContactList.objects.present(), pk=pk), MembersForm())


def page_of(request, one: ContactList, form: MembersForm):
    """The page of a list, with what somebody wrote to put people on it."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    people = Contact.objects.present().listed(one.pk)
    if words:
        found = searching.search(people, words, country=request.workspace.country)
        page, cut = Page(found[: searching.MOST], None, None), len(found) > searching.MOST
    else:
        page, cut = paginate(people, cursor=request.GET.get("cursor")), False
    context = {"list": one, "page": page, "cut": cut, "q": words, "form": form}
    if not request.htmx:
        context["size"] = capped_counts.count(people)
    return render(
        request, "contacts/groups/lists/show.html#rows" if request.htmx else "contacts/groups/lists/show.html", context
    )


@access("contacts.edit")
def edit(request, pk):
    one = get_object_or_404(ContactList.objects.present(), pk=pk)
    form = ListForm(request.POST or None, instance=one)
    if request.method == "POST" and form.saved():
        audit.record(request, "list.changed", one, fields=form.changed_data)
        messages.success(request, _("List saved."))
        return back_to(request, "contacts:list", pk=pk)
    return render(request, "contacts/groups/lists/form.html", {"form": form, "list": one})


@require_POST
@access("contacts.delete")
def delete(request, pk):
    """The list, never its people."""
    one = get_object_or_404(ContactList.objects.present(), pk=pk)
    if discard(request, one, "list.deleted", _("List deleted. Its contacts are kept.")):
        return back_to(request, "contacts:lists")
    return back_to(request, "contacts:list", pk=pk)
