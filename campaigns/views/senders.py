"""Choose another sender for a campaign that is held because of its sender."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns import sending
from campaigns.forms.sender import OtherSenderForm
from campaigns.models import Campaign
from kernel.http import back_to


@access("campaigns.send")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.present().exclude(started_at=None), pk=pk)
    form = OtherSenderForm(request.POST or None, initial={"sender": campaign.sender_id}, channel=campaign.channel)
    if request.method == "POST" and form.is_valid():
        sender = form.cleaned_data["sender"]
        try:
            with transaction.atomic():
                sending.change_sender(pk, sender)
            audit.record(request.actor, "campaign.sender_changed", campaign, sender=sender.pk)
            messages.success(request, _("The sender is now %(sender)s.") % {"sender": sender})
        except sending.Refused as refusal:
            messages.error(request, str(refusal))
        return back_to(request, "campaigns:show", pk=pk)
    return render(request, "campaigns/sender.html", {"campaign": campaign, "form": form})
