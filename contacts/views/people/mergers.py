from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.consent import ledger
from contacts.forms.people.merger import MergerForm
from contacts.groups import capped_counts
from contacts.models import Channel, Contact, ContactTag, ListMember, Note
from contacts.people import merging, row_details, searching
from kernel import parameters
from kernel.http import back_to


@access("contacts.delete")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Find the other contact, compare both, and merge them."""
    survivor = get_object_or_404(Contact.objects.present(), pk=pk)
    other = parameters.number(request.GET, "with")
    if other is None or other == pk:
        return _search(request, survivor)
    loser = get_object_or_404(Contact.objects.present(), pk=other)
    form = MergerForm(request.POST if request.method == "POST" else None, survivor=survivor, loser=loser)
    if request.method == "POST" and form.is_valid():
        return _merge(request, survivor.pk, loser.pk, form.taken)
    return render(request, "contacts/people/mergers/form.html", _preview(survivor, loser, form))


def _search(request: WorkspaceRequest, survivor: Contact) -> HttpResponse:
    query = parameters.text(request.GET, "who", 254) or survivor.last_name
    others = Contact.objects.present().exclude(pk=survivor.pk)
    found = searching.search(others, query, country=request.workspace.country)[:20] if query else []
    context = {"contact": survivor, "who": query, "found": found}
    return render(
        request,
        "contacts/people/mergers/search.html#found" if request.htmx else "contacts/people/mergers/search.html",
        context,
    )


def _merge(request: WorkspaceRequest, survivor_id: int, loser_id: int, taken: set[str]) -> HttpResponse:
    try:
        survivor, loser = merging.locked(survivor_id, loser_id)
    except merging.CannotMerge as problem:
        messages.error(request, str(problem))
        return back_to(request, "contacts:show", pk=survivor_id)
    merging.merge(survivor, loser, taken, **request.actor.proof())
    audit.record(request.actor, "contact.merged", survivor, other=loser.pk)
    audit.record(request.actor, "contact.merged_away", loser, into=survivor.pk)
    messages.success(request, _("Contacts merged."))
    return back_to(request, "contacts:show", pk=survivor.pk)


def _preview(survivor: Contact, loser: Contact, form: MergerForm) -> dict:
    both = [survivor, loser]
    details = row_details.of(both)
    return {
        "contact": survivor,
        "loser": loser,
        "form": form,
        "sides": [
            (contact, details[contact.pk], [_status(contact, channel) for channel in Channel]) for contact in both
        ],
        "moves": [
            (_("Tags"), *capped_counts.count(ContactTag.objects.filter(contact=loser))),
            (_("Lists"), *capped_counts.count(ListMember.objects.filter(contact=loser))),
            (_("Notes"), *capped_counts.count(Note.objects.filter(contact=loser))),
        ],
    }


def _status(contact: Contact, channel: Channel) -> tuple[str, str, str]:
    """(channel, status, its label)."""
    status = ledger.status_of(contact, channel)
    return str(channel.label), status, str(Contact.Status(status).label)
