from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from contacts import consent, searching, tagging
from contacts.forms.contact import ContactForm, NewContactForm
from contacts.models import Consent, Contact, ContactField, ContactTag, Tag
from kernel.http import back_to, client_address
from kernel.pagination import Page, paginate

SORTS = {"newest": "-id", "oldest": "id", "email": "email", "-email": "-email", "name": "last_key"}
FIGURES_UP_TO = 10_000


@access("contacts.view")
def index(request):
    words, status, tag = (request.GET.get(name, "").strip() for name in ("q", "status", "tag"))
    sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "newest"
    contacts = Contact.objects.deleted() if status == "deleted" else Contact.objects.present()
    if status in Contact.Status.values:
        contacts = contacts.filter(status=status)
    if tag.isdigit():
        contacts = contacts.tagged(int(tag))
    if words:
        found = searching.search(contacts, words)
        page, cut = Page(found[: searching.MOST], None, None), len(found) > searching.MOST
    else:
        page, cut = paginate(contacts, order=SORTS[sort], cursor=request.GET.get("cursor")), False
    context = {
        "page": page,
        "cut": cut,
        "tags_of": _tags_of(page.rows),
        "tags": Tag.objects.all()[:500],
        "statuses": Contact.Status.choices,
        "q": words,
        "status": status,
        "tag": tag,
        "sort": sort,
        "filtered": bool(words or status or tag),
        "figures": None if request.htmx else _figures(),
    }
    return render(request, "contacts/index.html#rows" if request.htmx else "contacts/index.html", context)


def _figures() -> list[tuple[str, int, bool]]:
    """(label, number, whether there are more): counting stops at FIGURES_UP_TO, so the page does not grow."""
    present = Contact.objects.present()
    kinds = [
        (_("Contacts"), present),
        (_("Subscribed"), present.filter(status=Contact.Status.SUBSCRIBED)),
        (_("Unsubscribed"), present.filter(status=Contact.Status.UNSUBSCRIBED)),
        (_("Bounced"), present.filter(status=Contact.Status.BOUNCED)),
    ]
    counts = [(label, queryset.order_by()[: FIGURES_UP_TO + 1].count()) for label, queryset in kinds]
    return [(label, min(count, FIGURES_UP_TO), count > FIGURES_UP_TO) for label, count in counts]


def _tags_of(contacts: list[Contact]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = ContactTag.objects.filter(contact__in=contacts).order_by("tag__name")
    for contact_id, name in rows.values_list("contact_id", "tag__name"):
        names.setdefault(contact_id, []).append(name)
    return names


@access("contacts.edit")
def create(request):
    form = NewContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        contact = form.save()
        tagging.retag(contact, form.cleaned_data["tags"])
        if form.cleaned_data["consent"]:
            consent.grant(
                contact,
                source=Consent.Source.MEMBER,
                wording=form.cleaned_data["consent"],
                actor=request.user,
                address=client_address(request),
            )
        audit.record(request, "contact.created", contact)
        messages.success(request, _("Contact added."))
        return back_to(request, "contacts:show", pk=contact.pk)
    return render(request, "contacts/form.html", {"form": form})


@access("contacts.view")
def show(request, pk):
    contact = get_object_or_404(Contact, pk=pk)
    context = {
        "contact": contact,
        "tags": Tag.objects.filter(contacttag__contact=contact),
        "consents": Consent.objects.filter(contact=contact).select_related("actor")[:100],
        "own_fields": [(own.label, contact.attributes.get(own.name, "")) for own in ContactField.objects.all()],
    }
    return render(request, "contacts/show.html", context)


@access("contacts.edit")
def edit(request, pk):
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        form.save()
        tagging.retag(contact, form.cleaned_data["tags"])
        audit.record(request, "contact.changed", contact, fields=form.changed_data)
        messages.success(request, _("Contact saved."))
        return back_to(request, "contacts:show", pk=contact.pk)
    return render(request, "contacts/form.html", {"form": form, "contact": contact})


@require_POST
@access("contacts.delete")
def delete(request, pk):
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    contact.deleted_at = timezone.now()
    contact.save(update_fields=["deleted_at", "updated_at"])
    audit.record(request, "contact.deleted", contact)
    messages.success(request, _("Contact deleted. It can be restored from the list of deleted contacts."))
    return back_to(request, "contacts:index")


@require_POST
@access("contacts.delete")
def restore(request, pk):
    contact = get_object_or_404(Contact.objects.deleted(), pk=pk)
    contact.deleted_at = None
    contact.save(update_fields=["deleted_at", "updated_at"])
    audit.record(request, "contact.restored", contact)
    messages.success(request, _("Contact restored."))
    return back_to(request, "contacts:show", pk=contact.pk)


@require_POST
@access("contacts.edit")
def unsubscribe(request, pk):
    """A member notes that the person said no, by telephone for instance."""
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    consent.withdraw(contact, source=Consent.Source.MEMBER, actor=request.user, address=client_address(request))
    audit.record(request, "contact.unsubscribed", contact)
    messages.success(request, _("Unsubscribed. This person gets no more marketing."))
    return back_to(request, "contacts:show", pk=contact.pk)
