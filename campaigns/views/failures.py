"""What did not arrive: failed and unknown messages by reason, tried again or decided upon."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from campaigns.models import Campaign
from delivery import batching, retrying
from delivery.models import Batch, Message
from delivery.models.message import reason_text
from kernel.http import back_to


@access("campaigns.view")
def index(request, pk):
    campaign = _find(pk)
    problems = retrying.problems(campaign.batch)
    context = {
        "campaign": campaign,
        "failed": [
            (reason, reason_text(reason), n, reason not in retrying.NEVER_AGAIN) for reason, n in problems["failed"]
        ],
        "unknown": [(reason, reason_text(reason), n) for reason, n in problems["unknown"]],
        "retries": [(batch, batch.tallies()) for batch in retrying.retries(campaign.batch)],
        "may_retry": campaign.batch.finished_at is not None,
    }
    return render(request, "campaigns/failures.html", context)


@require_POST
@access("campaigns.send")
def retry(request, pk):
    """Failed messages once more, for the reasons that were ticked."""
    return _again(request, pk, Message.State.FAILED, "campaign.failed_retried")


@require_POST
@access("campaigns.send")
def resend(request, pk):
    """Unknown messages once more: some people will get them twice, and the page said so."""
    if "twice" not in request.POST:
        messages.error(request, _("Confirm that some people may get the message twice."))
        return back_to(request, "campaigns:failures", pk=pk)
    return _again(request, pk, Message.State.UNKNOWN, "campaign.unknown_resent")


@require_POST
@access("campaigns.send")
def count_as_sent(request, pk):
    campaign = _find(pk)
    with transaction.atomic():
        n = retrying.count_as_sent(campaign.batch, request.POST.getlist("reason"))
    audit.record(request, "campaign.unknown_counted", campaign, number=n)
    messages.success(
        request, ngettext("%(n)d message counted as sent.", "%(n)d messages counted as sent.", n) % {"n": n}
    )
    return back_to(request, "campaigns:failures", pk=pk)


@require_POST
@access("campaigns.send")
def resume(request, pk, retry):
    """Go on with a retry that was held because of something that is mended now."""
    campaign = _find(pk)
    batch = get_object_or_404(Batch, pk=retry, origin_id=campaign.batch_id)
    if batching.resume(batch):
        audit.record(request, "campaign.retry_resumed", campaign, batch=batch.pk)
        messages.success(request, _("Sending resumed."))
    return back_to(request, "campaigns:failures", pk=pk)


def _again(request, pk, state, event):
    campaign = _find(pk)
    if campaign.batch.finished_at is None:
        messages.error(request, _("Wait until the campaign has ended, or cancel it first."))
        return back_to(request, "campaigns:failures", pk=pk)
    with transaction.atomic():
        batch = retrying.retry(campaign.batch, request.POST.getlist("reason"), state=state)
    if batch is None:
        messages.error(request, _("Select at least one reason that has messages to retry."))
    else:
        audit.record(request, event, campaign, batch=batch.pk)
        messages.success(request, _("Retrying now."))
    return back_to(request, "campaigns:failures", pk=pk)


def _find(pk) -> Campaign:
    campaigns = Campaign.objects.present().select_related("batch__account").exclude(batch=None)
    return get_object_or_404(campaigns, pk=pk)
