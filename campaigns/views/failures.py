"""Failed and unknown messages by reason: try them again, or count them as sent."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns.models import Campaign
from delivery import batching, retrying
from delivery.models import Batch, Message
from delivery.models.message import reason_text
from kernel import parameters
from kernel.http import back_to


@access("campaigns.view")
def index(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _find(pk)
    problems = retrying.problems(campaign.opened_batch)
    context = {
        "campaign": campaign,
        "failed": [
            (reason, reason_text(reason), n, reason not in retrying.NEVER_AGAIN) for reason, n in problems["failed"]
        ],
        "unknown": [(reason, reason_text(reason), n) for reason, n in problems["unknown"]],
        "retries": [(batch, batch.tallies()) for batch in retrying.retries(campaign.opened_batch)],
        "may_retry": campaign.opened_batch.finished_at is not None,
    }
    return render(request, "campaigns/failures.html", context)


@require_POST
@access("campaigns.send")
def retry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Try failed messages again, for the chosen reasons."""
    return _retry(request, pk, Message.State.FAILED, "campaign.failed_retried")


@require_POST
@access("campaigns.send")
def resend(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send unknown messages again. Some people get them twice then: the page asks to confirm that."""
    if "twice" not in request.POST:
        messages.error(request, _("Confirm that some people may get the message twice."))
        return back_to(request, "campaigns:failures", pk=pk)
    return _retry(request, pk, Message.State.UNKNOWN, "campaign.unknown_resent")


@require_POST
@access("campaigns.send")
def count_as_sent(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _find(pk)
    with transaction.atomic():
        n = retrying.count_as_sent(campaign.opened_batch, parameters.texts(request.POST, "reason"))
    audit.record(request.actor, "campaign.unknown_counted", campaign, number=n)
    messages.success(
        request, ngettext("%(n)d message counted as sent.", "%(n)d messages counted as sent.", n) % {"n": n}
    )
    return back_to(request, "campaigns:failures", pk=pk)


@require_POST
@access("campaigns.send")
def resume(request: WorkspaceRequest, pk: int, retry: int) -> HttpResponse:
    """Resume a retry that was held because of a problem that is now fixed."""
    campaign = _find(pk)
    batch = get_object_or_404(Batch, pk=retry, origin_id=campaign.batch_id)
    if batching.resume(batch):
        audit.record(request.actor, "campaign.retry_resumed", campaign, batch=batch.pk)
        messages.success(request, _("Sending resumed."))
    return back_to(request, "campaigns:failures", pk=pk)


def _retry(request: WorkspaceRequest, pk: int, state: Message.State, event: str) -> HttpResponse:
    campaign = _find(pk)
    if campaign.opened_batch.finished_at is None:
        messages.error(request, _("Wait until the campaign has ended, or cancel it first."))
        return back_to(request, "campaigns:failures", pk=pk)
    with transaction.atomic():
        batch = retrying.retry(campaign.opened_batch, parameters.texts(request.POST, "reason"), state=state)
    if batch is None:
        messages.error(request, _("Select at least one reason that has messages to retry."))
    else:
        audit.record(request.actor, event, campaign, batch=batch.pk)
        messages.success(request, _("Retrying now."))
    return back_to(request, "campaigns:failures", pk=pk)


def _find(pk: int) -> Campaign:
    campaigns = Campaign.objects.present().select_related("batch__account").exclude(batch=None)
    return get_object_or_404(campaigns, pk=pk)
