from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.groups.groups import MembersForm
from contacts.models import ContactList, ListMember
from contacts.people import lookup
from contacts.views.groups import lists
from kernel import words
from kernel.http import back_to

MAX_NAMED = 10  # lines shown in the message


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put the people that a text lists on the list."""
    one = get_object_or_404(ContactList.objects.present(), pk=pk)
    form = MembersForm(request.POST)
    if not form.is_valid():
        return lists.page_of(request, one, form)
    people, unknown, several = lookup.find(form.cleaned_data["people"], request.workspace.country)
    rows = [ListMember(contact_list=one, contact=contact) for contact in people]
    ListMember.objects.bulk_create(rows, ignore_conflicts=True)
    if people:
        audit.record(request.actor, "list.joined", one, people=len(people))
        sentence = ngettext("%(n)d contact added to the list.", "%(n)d contacts added to the list.", len(people))
        messages.success(request, sentence % {"n": len(people)})
    if unknown:
        sentence = ngettext(
            "%(n)d line doesn't match a contact: %(lines)s. Add it as a contact first.",
            "%(n)d lines don't match a contact: %(lines)s. Add them as contacts first.",
            len(unknown),
        )
        messages.warning(request, sentence % {"n": len(unknown), "lines": _first(unknown)})
    if several:
        sentence = ngettext(
            "%(n)d phone number belongs to several contacts: %(lines)s. Enter an e-mail address instead.",
            "%(n)d phone numbers belong to several contacts: %(lines)s. Enter e-mail addresses instead.",
            len(several),
        )
        messages.warning(request, sentence % {"n": len(several), "lines": _first(several)})
    return back_to(request, "contacts:list", pk=pk)


def _first(lines: list[str]) -> str:
    """The first lines, for a message."""
    return words.first_of([line[:60] for line in lines], MAX_NAMED)


@require_POST
@access("contacts.edit")
def delete(request: WorkspaceRequest, pk: int, contact: int) -> HttpResponse:
    one = get_object_or_404(ContactList.objects.present(), pk=pk)
    member = get_object_or_404(ListMember, contact_list=one, contact_id=contact)
    member.delete()
    audit.record(request.actor, "list.left", one, contact=contact)
    messages.success(request, _("Removed from the list. The contact itself is kept."))
    return back_to(request, "contacts:list", pk=pk)
