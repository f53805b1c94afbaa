"""What a campaign says in the other languages of its template."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns.forms.translations import TranslationsForm
from campaigns.models import Campaign
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from templates_app import translating


@access("campaigns.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(locked_for_saving(request, Campaign.objects.present()), pk=pk)
    if not campaign.is_editable:
        messages.error(request, _("You can't edit a scheduled or sent campaign. Unschedule or duplicate it first."))
        return back_to(request, "campaigns:show", pk=pk)
    translations = translating.translations_of(campaign.template) if campaign.template else []
    form = TranslationsForm(request.POST or None, instance=campaign, translations=translations)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.record(request.actor, "campaign.changed", campaign, fields=["translations"])
        messages.success(request, _("Saved."))
        return back_to(request, "campaigns:show", pk=pk)
    return render(request, "campaigns/translations.html", {"form": form, "campaign": campaign})
