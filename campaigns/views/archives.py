"""The archive's settings, and what it shows of a campaign."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns.archive import filing
from campaigns.forms.archive import ArchiveForm, EntryForm
from campaigns.models import Archive, ArchiveEntry, Campaign
from contacts.models import SignupForm
from delivery.registry import FIRST
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate


@access("workspace.manage")
def edit(request: WorkspaceRequest) -> HttpResponse:
    archive = locked_for_saving(request, Archive.objects.all()).first()
    form = ArchiveForm(request.POST or None, instance=archive or _new(request))
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        saved.touch()
        filing.ask()
        audit.record(request.actor, "archive.changed", saved, fields=form.changed_data, open=saved.is_open)
        messages.success(request, _("Settings saved."))
        return back_to(request, "archive:edit")
    context: dict[str, Any] = {"form": form, "archive": archive}
    if archive is not None:
        entries = filing.filed().select_related("campaign")
        context["page"] = paginate(entries, order="-sent_at", cursor=parameters.cursor(request.GET))
    return render(request, "campaigns/archive/edit.html", context)


def _new(request: WorkspaceRequest) -> Archive:
    """What the form offers first: the workspace's name, and the form that it has had longest."""
    form = SignupForm.objects.present().filter(is_open=True).order_by("id").first()
    return Archive(title=request.workspace.name, signup_form=form)


@access("campaigns.send")
def choose(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Whether the archive shows this campaign. It can be decided before it is sent."""
    campaigns = locked_for_saving(request, Campaign.objects.present().filter(channel=FIRST))
    campaign = get_object_or_404(campaigns, pk=pk)
    archive = get_object_or_404(Archive)
    entry = ArchiveEntry.objects.filter(campaign=campaign).first() or ArchiveEntry(campaign=campaign)
    form = EntryForm(request.POST or None, instance=entry, archive=archive)
    if request.method == "POST" and form.is_valid():
        form.save()
        archive.touch()
        filing.ask()
        audit.record(request.actor, "campaign.archive_chosen", campaign, shown=form.instance.is_shown)
        messages.success(request, _("Saved."))
        return back_to(request, "campaigns:show", pk=pk)
    return render(request, "campaigns/archive/choose.html", {"form": form, "campaign": campaign, "archive": archive})
