from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from analytics import charts, recipients, recipients_export
from analytics.reports.campaign import CampaignReport
from campaigns import batches
from campaigns.models import Campaign
from contacts.exports import asking
from contacts.models import Export
from delivery.models import Message
from delivery.models.message import reason_text
from kernel import parameters
from kernel.http import back_to


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.present().exclude(started_at=None), pk=pk)


@access("reports.view")
def report(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    page = CampaignReport(campaign)
    context = {"campaign": campaign, "report": page, "rects": charts.rects(page.opens_over_time), "chart": charts}
    return render(request, "analytics/campaign.html", context)


@access("reports.view")
def list_recipients(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    query, state = parameters.text(request.GET, "q"), parameters.text(request.GET, "state")
    after = recipients.read_place(parameters.text(request.GET, "after"))
    opened = batches.of_campaign(campaign)
    rows, following = recipients.page(opened, query=query, state=state, after=after)
    context = {
        "campaign": campaign,
        "rows": [(message, reason_text(message.reason)) for message in rows],
        "following": following,
        "gone_after": recipients.gone_after(opened),
        "q": query,
        "state": state,
        "states": Message.State.choices,
        "may_export": request.actor.may("reports.export"),
    }
    return render(request, "analytics/recipients.html#rows" if request.htmx else "analytics/recipients.html", context)


@require_POST
@access("reports.export")
def export(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Export the recipients in the background: those that the filter of the page shows."""
    campaign = _campaign(pk)
    wanted = recipients_export.scope(
        batches.ids_by_campaign([campaign])[pk], parameters.text(request.POST, "state"), get_language() or ""
    )
    made = asking.ask(
        request.actor,
        kind=recipients_export.KIND,
        file_format=Export.Format.CSV,
        name=f"recipients-{slugify(campaign.name)[:60] or pk}.csv",
        wanted=wanted,
    )
    audit.record(request.actor, "recipients.exported", campaign, export=made.pk)
    return back_to(request, "contacts:export", pk=made.pk)
