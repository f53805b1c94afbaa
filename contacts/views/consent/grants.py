from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.consent import ledger
from contacts.forms.consent.grant import GrantForm
from contacts.models import Consent, Contact
from kernel import parameters
from kernel.http import back_to


@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A member records that the person agreed, by phone or on paper for instance."""
    people = Contact.objects.present()
    # Locked, so that the person's own no at the same moment comes before or after it.
    contact = get_object_or_404(people.select_for_update() if request.method == "POST" else people, pk=pk)
    initial = {"channel": parameters.text(request.GET, "channel", 20)}
    form = GrantForm(request.POST or None, initial=initial, contact=contact)
    if request.method == "POST" and form.is_valid():
        _grant(request, contact, form)
        messages.success(request, _("Consent recorded."))
        return back_to(request, "contacts:show", pk=pk)
    return render(request, "contacts/consent/grants/form.html", {"form": form, "contact": contact})


def _grant(request: WorkspaceRequest, contact: Contact, form: GrantForm) -> None:
    channel, topic = form.cleaned_data["channel"], form.cleaned_data.get("topic")
    ledger.grant(
        contact,
        channel=channel,
        topic=topic,
        source=Consent.Source.MEMBER,
        wording=form.proof,
        at=form.at,
        **request.actor.proof(),
    )
    audit.record(
        request.actor,
        "contact.consented",
        contact,
        channel=channel,
        topic=topic and topic.pk,
        way=form.cleaned_data["way"],
    )
