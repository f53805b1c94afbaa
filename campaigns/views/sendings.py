"""Send now, schedule, pause, resume, cancel: one small view each, with the same answers."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from campaigns import readiness, scheduling, sending
from campaigns.forms.campaign import ScheduleForm
from campaigns.models import Campaign
from delivery import registry
from delivery.forms.send_test import TestForm
from delivery.views import send_tests
from kernel.http import back_to
from templates_app import translating


@require_POST
@access("campaigns.send")
def send(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _act(request, pk, sending.start, "campaign.started", _("Your campaign is being sent."))


@require_POST
@access("campaigns.send")
def pause(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _act(request, pk, sending.pause, "campaign.paused", _("Paused. No more messages go out until you resume."))


@require_POST
@access("campaigns.send")
def resume(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _act(request, pk, sending.resume, "campaign.resumed", _("Sending resumed."))


@require_POST
@access("campaigns.send")
def cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, sending.cancel, "campaign.cancelled", _("Cancelled. Messages already sent can't be recalled.")
    )


@require_POST
@access("campaigns.send")
def unschedule(request: WorkspaceRequest, pk: int) -> HttpResponse:
    done = _("Unscheduled. The campaign is a draft again.")
    return _act(request, pk, sending.unschedule, "campaign.unscheduled", done)


@require_POST
@access("campaigns.send")
def schedule(request: WorkspaceRequest, pk: int) -> HttpResponse:
    form = ScheduleForm(request.POST, initial={"zone": request.workspace.time_zone})
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return back_to(request, "campaigns:show", pk=pk)

    def act(pk: int) -> Campaign:
        return scheduling.schedule(pk, form.cleaned_data["at"], form.cleaned_data["zone"])

    return _act(request, pk, act, "campaign.scheduled", _("Campaign scheduled."))


@access("campaigns.edit")
def test(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send the campaign as it is now, as a test."""
    campaign = get_object_or_404(Campaign.objects.present().select_related("sender", "template"), pk=pk)
    account = readiness.account_of(campaign)
    needed = {"subject"} & set(registry.channel(campaign.channel).draft_fields)
    if not (campaign.sender and campaign.template and account and all(getattr(campaign, name) for name in needed)):
        messages.error(request, _("Choose a sender, a template and a subject first."))
        return back_to(request, "campaigns:show", pk=pk)
    content = {name: getattr(campaign, name) for name in ("name", "subject", "preheader", "template", "sender")}
    translations = readiness.translations_of(campaign)
    languages = _languages(request, campaign, list(translations))
    form = TestForm(request.POST or None, person=request.user, channel=campaign.channel, languages=languages)
    content["translations"] = translations
    return send_tests.page(request, form, back="campaigns:show", pk=pk, account=account, **content)


def _languages(request: WorkspaceRequest, campaign: Campaign, codes: list[str]) -> list[tuple[str, str]]:
    """(code, name) of the languages that a test may have: the original's, without a code, and those of translations.
    None where there is one only."""
    if not codes or campaign.template is None:
        return []
    original = translating.language_of(campaign.template, request.workspace)
    return [("", translating.name_of(original)), *((code, translating.name_of(code)) for code in codes)]


def _act(request: WorkspaceRequest, pk: int, act: Callable[[int], Campaign], verb: str, done: str) -> HttpResponse:
    get_object_or_404(Campaign.objects.present(), pk=pk)
    try:
        with transaction.atomic():
            campaign = act(pk)
        audit.record(request.actor, verb, campaign)
        messages.success(request, done)
    except sending.Refused as refusal:
        messages.error(request, str(refusal))
    return back_to(request, "campaigns:show", pk=pk)
