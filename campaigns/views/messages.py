"""What a campaign said: its batches keep it, whatever becomes of the template."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns.models import Campaign, CampaignBatch
from kernel import parameters
from templates_app import previewing, translating

MOST_SHOWN = 20  # messages that say different things


@require_safe
@access("campaigns.view")
def index(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The messages that were sent, each once: usually one, more where the template changed between two sendings."""
    campaign = get_object_or_404(Campaign.objects.present(), pk=pk)
    parts = _parts(campaign).order_by("batch__content_id", "batch_id").distinct("batch__content_id")[:MOST_SHOWN]
    context = {"campaign": campaign, "parts": [(part, _bodies(part)) for part in parts]}
    return render(request, "campaigns/messages.html", context)


@require_safe
@access("campaigns.view")
def html(request: WorkspaceRequest, pk: int, batch: int) -> HttpResponse:
    """The message of one batch, in a language that it has, with an example's values, for a frame."""
    campaign = get_object_or_404(Campaign.objects.present(), pk=pk)
    body = get_object_or_404(_parts(campaign), batch_id=batch).batch.content.body
    if "html" not in body:
        raise Http404
    body = body.get("translations", {}).get(parameters.text(request.GET, "language", 8), body)
    values = previewing.values_for(request.workspace, None, text=body.get("text", ""))
    return previewing.sandboxed(previewing.render_html(body["html"], values), framed=True)


def _bodies(part: CampaignBatch) -> list[tuple[str, str, dict]]:
    """(code, name of the language, what it says) of each language; the first, without a name, is for everybody else."""
    body = part.batch.content.body if part.batch.content else {}
    others = sorted(body.get("translations", {}).items())
    return [("", "", body), *((code, translating.name_of(code), said) for code, said in others)]


def _parts(campaign: Campaign):
    parts = CampaignBatch.objects.filter(campaign=campaign).exclude(batch__content=None)
    return parts.select_related("batch__content", "version__template")
