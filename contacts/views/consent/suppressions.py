from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.consent import bulk_opt_out, suppression_list
from contacts.consent.recipients import clean_recipient
from contacts.forms.consent.suppression import CHANNELS, NewSuppressionsForm, RemovalForm
from contacts.identity.addresses import BadAddress
from contacts.identity.phones import BadPhone
from contacts.models import Channel, Consent, Suppression
from kernel import parameters
from kernel.http import back_to
from kernel.pagination import PAGE_SIZE, Page, paginate

SHOWN = 20  # contacts with one phone number


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    query, reason = (parameters.text(request.GET, name, 254) for name in ("q", "reason"))
    channel = parameters.text(request.GET, "channel")
    channel = channel if channel in dict(CHANNELS) else Channel.EMAIL.value
    rows = Suppression.objects.filter(channel=channel)
    if reason in Suppression.Reason.values:
        rows = rows.filter(reason=reason)
    if query:
        stored = _as_stored(channel, query, request.workspace.country)
        found = suppression_list.search(rows, channel, stored, PAGE_SIZE + 1)
        page, cut = Page(found[:PAGE_SIZE], None, None), len(found) > PAGE_SIZE
    else:
        page, cut = paginate(rows, cursor=parameters.cursor(request.GET)), False
    context = {
        "page": page,
        "cut": cut,
        "q": query,
        "channel": channel,
        "channels": CHANNELS,
        "reason": reason,
        "reasons": Suppression.Reason.choices,
        "filtered": bool(query or reason or channel != Channel.EMAIL),
        "may_edit": request.membership.may("contacts.edit"),
        "may_delete": request.membership.may("contacts.delete"),
        "may_import": request.membership.may("contacts.import"),
        "may_export": request.membership.may("contacts.export"),
    }
    template = "contacts/consent/suppressions/index.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _as_stored(channel: str, query: str, country: str) -> str:
    """A complete address in its stored form, so that its hash is found; the beginning of one in lower case."""
    try:
        return clean_recipient(channel, query, country)
    except (BadAddress, BadPhone):
        return query.lower()[:254]


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    """Add addresses by hand; contacts with one of them are unsubscribed."""
    form = NewSuppressionsForm(
        request.POST or None,
        initial={"channel": parameters.text(request.GET, "channel")},
        country=request.workspace.country,
    )
    if request.method == "POST" and form.is_valid():
        channel, recipients = form.cleaned_data["channel"], form.cleaned_data["recipients"]
        with transaction.atomic(), connection.cursor() as cursor:
            note = form.cleaned_data["note"]
            added = suppression_list.put(
                cursor, request.workspace.pk, channel, recipients, Suppression.Reason.MANUAL, note
            )
            opted_out = bulk_opt_out.withdraw(
                cursor,
                request.workspace.pk,
                bulk_opt_out.ids_of(cursor, request.workspace.pk, channel, recipients),
                channel=channel,
                source=Consent.Source.MEMBER,
                actor_id=request.user.pk,
                address=request.actor.address,
            )
            unsubscribed = len(opted_out)
            audit.record(request.actor, "suppression.added", channel=channel, added=added, unsubscribed=unsubscribed)
        text = ngettext("%(n)d address added.", "%(n)d addresses added.", added) % {"n": added}
        if known := len(recipients) - added:
            text += " " + ngettext("%(n)d was already on the list.", "%(n)d were already on the list.", known) % {
                "n": known
            }
        if unsubscribed:
            sentence = ngettext("%(n)d contact was unsubscribed.", "%(n)d contacts were unsubscribed.", unsubscribed)
            text += " " + sentence % {"n": unsubscribed}
        messages.success(request, text)
        return back_to(request, "contacts:suppressions")
    return render(request, "contacts/consent/suppressions/form.html", {"form": form})


@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take an address off the list, with a reason. This grants no consent: the contact's status stays as it is."""
    suppression = get_object_or_404(Suppression, pk=pk)
    form = RemovalForm(request.POST or None, suppression=suppression)
    if request.method == "POST" and form.is_valid():
        audit.record(
            request.actor,
            "suppression.removed",
            suppression,
            channel=suppression.channel,
            was=suppression.reason,
            why=form.cleaned_data["reason"],
        )
        suppression.delete()
        messages.success(
            request, _("Removed from the suppression list. This isn't consent: the contact's status stays the same.")
        )
        return back_to(request, "contacts:suppressions")
    context = {
        "suppression": suppression,
        "channel": Channel(suppression.channel).label,
        "contacts": suppression_list.contacts_of(suppression)[:SHOWN],
        "form": form,
    }
    return render(request, "contacts/consent/suppressions/delete.html", context)
