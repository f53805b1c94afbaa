from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from analytics import charts, recipients
from analytics.reports.campaign import CampaignReport
from campaigns.models import Campaign
from delivery.models import Message
from delivery.models.message import reason_text
from kernel import parameters


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.present().select_related("batch"), pk=pk, batch__isnull=False)


@access("reports.view")
def report(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    page = CampaignReport(campaign, campaign.opened_batch)
    context = {"campaign": campaign, "report": page, "rects": charts.rects(page.opens_over_time), "chart": charts}
    return render(request, "analytics/campaign.html", context)


@access("reports.view")
def list_recipients(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    query, state = parameters.text(request.GET, "q"), parameters.text(request.GET, "state")
    after = parameters.number(request.GET, "after") or 0
    rows, following = recipients.page(campaign.opened_batch, query=query, state=state, after=after)
    context = {
        "campaign": campaign,
        "rows": [(message, reason_text(message.reason)) for message in rows],
        "following": following,
        "gone_after": recipients.gone_after(campaign.opened_batch),
        "q": query,
        "state": state,
        "states": Message.State.choices,
    }
    return render(request, "analytics/recipients.html#rows" if request.htmx else "analytics/recipients.html", context)


@access("reports.export")
def export(request: WorkspaceRequest, pk: int) -> FileResponse:
    campaign = _campaign(pk)
    audit.record(request.actor, "recipients.exported", campaign)
    file = recipients.export(campaign.opened_batch, state=parameters.text(request.GET, "state"))
    return FileResponse(
        file, as_attachment=True, filename=f"recipients-{pk}.csv", content_type="text/csv; charset=utf-8"
    )
