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
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to


@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A member records that the person agreed, by phone or on paper for instance."""
    # Locked, so that the person's own no at the same moment comes before or after it.
    contact = get_object_or_404(locked_for_saving(request, Contact.objects.present()), pk=pk)
    initial = {"channel": parameters.text(request.GET, "channel", 20)}
    form = GrantForm(request.POST or None, initial=initial, contact=contact)
    if request.method == "POST" and form.is_valid():
        if _grant(request, contact, form):
            messages.success(request, _("Consent recorded."))
            return back_to(request, "contacts:show", pk=pk)
        form.add_error("channel", form.REFUSED)
    return render(request, "contacts/consent/grants/form.html", {"form": form, "contact": contact})


def _grant(request: WorkspaceRequest, contact: Contact, form: GrantForm) -> bool:
    """False where an entry of the suppression list, made a moment ago, forbids it."""
    channel, topic = form.cleaned_data["channel"], form.cleaned_data.get("topic")
    granted = ledger.grant(
        contact,
        channel=channel,
        topic=topic,
        source=Consent.Source.MEMBER,
        wording=form.proof,
        at=form.at,
        claimed_on=form.cleaned_data["day"],
        **request.actor.proof(),
    )
    if granted:
        audit.record(
            request.actor,
            "contact.consented",
            contact,
            channel=channel,
            topic=topic and topic.pk,
            way=form.cleaned_data["way"],
        )
    return granted
