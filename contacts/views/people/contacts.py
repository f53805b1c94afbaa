from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.consent import ledger
from contacts.forms.people.contact import ContactForm, NewContactForm
from contacts.groups import capped_counts
from contacts.models import Channel, CompanyContact, Consent, Contact, ContactField, ContactImport, ContactList, Tag
from contacts.people import row_details, same_number, search_index, searching, timeline
from contacts.people.filtering import DELETED, NOBODY, RELATIONS, ContactFilter
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import Page, paginate

SORTS = {"newest": "-id", "oldest": "id", "email": "email", "-email": "-email", "name": "last_key"}
BY_EMAIL = {"email", "-email"}


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    chosen = ContactFilter.read(request.GET, country=request.workspace.country)
    sort = parameters.text(request.GET, "sort")
    if sort not in SORTS:
        sort = "newest"
    page, cut = _page(request, chosen, sort)
    context = {
        "page": page,
        "cut": cut,
        "behind": bool(chosen.q) and search_index.is_behind(request.workspace.pk),
        "details": row_details.of(page.rows),
        "filter": chosen,
        "nowhere": [name for name in RELATIONS if getattr(chosen, name) == NOBODY],
        "filtered": not chosen.is_empty,
        "import": ContactImport.objects.filter(pk=chosen.import_id).first() if chosen.import_id else None,
        "statuses": Contact.Status.choices,
        "kinds": [choice for choice in Contact.AddressKind.choices if choice[0]],
        "sort": sort,
        "only_by_age": chosen.keeps_id_order and sort not in ("newest", "oldest"),
        "only_with_email": sort in BY_EMAIL and not chosen.q,
        "figures": None if request.htmx else _figures(),
    }
    return render(
        request,
        "contacts/people/contacts/index.html#rows" if request.htmx else "contacts/people/contacts/index.html",
        context,
    )


def _page(request: WorkspaceRequest, chosen: ContactFilter, sort: str) -> tuple[Page, bool]:
    """The contacts to show, and whether there are more than a search shows."""
    contacts = chosen.conditions(Contact.objects.all())
    if chosen.q:
        found = searching.search(contacts, chosen.q, country=chosen.country)
        return Page(found[: searching.MAX_RESULTS], None, None), len(found) > searching.MAX_RESULTS
    if chosen.keeps_id_order and sort not in ("newest", "oldest"):
        sort = "newest"
    order = SORTS[sort]
    if sort in BY_EMAIL:
        contacts = contacts.exclude(email=None)  # a cursor can't start at NULL
    if sort == "newest" and chosen.status == DELETED and not chosen.keeps_id_order:
        order = "-deleted_at"  # as they went into the trash: the order that its index has
    return paginate(contacts, order=order, cursor=parameters.cursor(request.GET)), False


def _figures() -> list[tuple[str, int, bool]]:
    """(label, number, whether there are more). Counting stops at a bound, so that the page does not become slower."""
    present = Contact.objects.present()
    figures = [
        (_("Contacts"), present),
        (pgettext("figure", "Subscribed"), present.filter(status=Contact.Status.SUBSCRIBED)),
        (pgettext("figure", "Unsubscribed"), present.filter(status=Contact.Status.UNSUBSCRIBED)),
        (pgettext("figure", "Bounced"), present.filter(status=Contact.Status.BOUNCED)),
    ]
    return [(label, *capped_counts.count(queryset)) for label, queryset in figures]


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = NewContactForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid() and _save(form):
        contact = form.instance
        _grant(request, contact, form)
        audit.record(request.actor, "contact.created", contact)
        messages.success(request, _("Contact added."))
        _say_who_else_has_the_number(request, contact)
        return back_to(request, "contacts:show", pk=contact.pk)
    return render(request, "contacts/people/contacts/form.html", {"form": form})


def _save(form: ContactForm) -> bool:
    """False, with a message in the form, where another request took the address at this moment."""
    try:
        with transaction.atomic():
            form.save()
    except form.Taken:
        form.add_error(
            None,
            _("Another contact has just been saved with the same e-mail or customer number. Check your entries."),
        )
        return False
    return True


def _say_who_else_has_the_number(request: WorkspaceRequest, contact: Contact) -> None:
    if found := same_number.others(contact.phone, besides=contact.pk):
        messages.info(request, found.sentence)


def _grant(request: WorkspaceRequest, contact: Contact, form: NewContactForm) -> None:
    """Record the consents, and show which ones the suppression list forbids."""
    for channel in form.cleaned_data["channels"]:
        granted = ledger.grant(
            contact,
            channel=channel,
            source=Consent.Source.MEMBER,
            wording=form.cleaned_data["consent"],
            **request.actor.proof(),
        )
        if not granted:
            sentence = _("%(channel)s: consent wasn't recorded because the address is on the suppression list.")
            messages.warning(request, sentence % {"channel": Channel(channel).label})


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact, pk=pk)
    if contact.merged_into_id:
        return back_to(request, "contacts:show", pk=contact.merged_into_id)
    context = {
        "contact": contact,
        "channels": [(channel, *_status(contact, channel)) for channel in Channel],
        "tags": Tag.objects.present().filter(contacttag__contact=contact)[:200],
        "lists": ContactList.objects.present().filter(members__contact=contact)[:200],
        "companies": _companies(contact),
        "own_fields": ContactField.objects.present(),
        "same_number": same_number.others(contact.phone, besides=contact.pk),
        "timeline": timeline.of(contact, parameters.cursor(request.GET, "before")),
    }
    return render(request, "contacts/people/contacts/show.html", context)


def _status(contact: Contact, channel: str) -> tuple[str, str]:
    """(status, its label) on one channel."""
    status = ledger.status_of(contact, channel)
    return status, ledger.status_label(channel, status)


def _companies(contact: Contact) -> QuerySet[CompanyContact]:
    links = CompanyContact.objects.filter(contact=contact, company__deleted_at=None)
    return links.select_related("company").order_by("company__name_key")[:50]


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    # All columns are saved: without the lock, an erasure or a merge in between would be undone, too.
    contact = get_object_or_404(locked_for_saving(request, Contact.objects.present()), pk=pk)
    form = ContactForm(request.POST or None, instance=contact, workspace=request.workspace)
    if request.method == "POST" and form.is_valid() and _save(form):
        audit.record(request.actor, "contact.changed", contact, fields=form.changed_data)
        messages.success(request, _("Contact saved."))
        if "phone" in form.changed_data:
            _say_who_else_has_the_number(request, contact)
        return back_to(request, "contacts:show", pk=contact.pk)
    return render(request, "contacts/people/contacts/form.html", {"form": form, "contact": contact})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    discard_on_page(request, contact, "contact.deleted", _("Contact deleted."))
    return back_to(request, "contacts:index")


@require_POST
@access("contacts.delete")
def restore(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.deleted(), pk=pk)
    contact.restore()
    audit.record(request.actor, "contact.restored", contact)
    messages.success(request, _("Contact restored."))
    return back_to(request, "contacts:show", pk=contact.pk)


@require_POST
@access("contacts.edit")
def unsubscribe(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A member records that the person opted out, by telephone for instance."""
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    channel = parameters.text(request.POST, "channel")
    if channel not in Channel.values:
        channel = Channel.EMAIL
    recorded = ledger.withdraw(contact, channel=channel, source=Consent.Source.MEMBER, **request.actor.proof())
    audit.record(request.actor, "contact.unsubscribed", contact, channel=channel, recorded=recorded)
    if channel == Channel.TRACKING:
        messages.success(request, _("Withdrawn. Whether this contact opens messages isn't recorded any more."))
    else:
        messages.success(request, _("Unsubscribed. This contact won't receive marketing any more."))
    return back_to(request, "contacts:show", pk=contact.pk)
