"""Failed and unknown messages by reason: try them again, or count them as sent."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns import batches, sending
from campaigns.models import Campaign
from delivery import batching, retrying, totals
from delivery.models import Batch, Message
from delivery.models.message import reason_text
from kernel import parameters
from kernel.http import back_to


@access("campaigns.view")
def index(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = _find(pk)
    opened = batches.of_campaign(campaign)
    retries = {batch: [batch.pk] for batch in opened if batch.is_retry}
    problems = retrying.problems(batch.pk for batch in opened)
    context = {
        "campaign": campaign,
        "failed": [
            (reason, reason_text(reason), n, reason not in retrying.NEVER_AGAIN) for reason, n in problems["failed"]
        ],
        "unknown": [(reason, reason_text(reason), n) for reason, n in problems["unknown"]],
        "retries": [(batch, totals.by_fact(facts)) for batch, facts in totals.of_each(retries).items()],
        "may_retry": _have_ended(opened),
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
    reasons = parameters.texts(request.POST, "reason")
    with transaction.atomic():
        n = sum(retrying.count_as_sent(batch, reasons) for batch in batches.of_campaign(campaign))
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
    batch = next((batch for batch in batches.retries(campaign) if batch.pk == retry), None)
    if batch is None:
        raise Http404
    if batching.resume(batch):
        audit.record(request.actor, "campaign.retry_resumed", campaign, batch=batch.pk)
        messages.success(request, _("Sending resumed."))
    return back_to(request, "campaigns:failures", pk=pk)


def _retry(request: WorkspaceRequest, pk: int, state: Message.State, event: str) -> HttpResponse:
    campaign = _find(pk)
    if not _have_ended(batches.of_campaign(campaign)):
        messages.error(request, _("Wait until the campaign has ended, or cancel it first."))
        return back_to(request, "campaigns:failures", pk=pk)
    reasons = parameters.texts(request.POST, "reason")
    with transaction.atomic():
        sending.locked(pk)
        ended = [batch for batch in batches.of_campaign(campaign) if batch.finished_at]
        opened = [again for batch in ended if (again := retrying.retry(batch, reasons, state=state))]
        for again in opened:
            batches.add_retry(campaign, again)
    if not opened:
        messages.error(request, _("Select at least one reason that has messages to retry."))
    else:
        for again in opened:
            audit.record(request.actor, event, campaign, batch=again.pk)
        messages.success(request, _("Retrying now."))
    return back_to(request, "campaigns:failures", pk=pk)


def _find(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.present().exclude(started_at=None), pk=pk)


def _have_ended(opened: list[Batch]) -> bool:
    """All but the retries."""
    return all(batch.finished_at is not None for batch in opened if not batch.is_retry)
