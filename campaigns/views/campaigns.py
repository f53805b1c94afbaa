from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from campaigns import batches, readiness
from campaigns.archive import filing
from campaigns.forms.audience import read_audience, read_topic
from campaigns.forms.campaign import CampaignForm, ScheduleForm, is_search
from campaigns.models import Campaign
from contacts.segments import audience, counting, schema_cache
from contacts.segments.definition import BadDefinition
from delivery import batching, registry, send_rules, totals
from delivery.models import Batch
from delivery.sending import sending_status
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate
from templates_app import translating
from templates_app.models import LARGE, MessageTemplate


@access("campaigns.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    query, state = parameters.text(request.GET, "q"), parameters.text(request.GET, "state")
    campaigns = Campaign.objects.present().select_related("sender")
    if query:
        campaigns = campaigns.filter(name__icontains=query)
    if state in Campaign.State.values:
        campaigns = campaigns.filter(state=state)
    page = paginate(campaigns, cursor=parameters.cursor(request.GET))
    tallies = batches.tallies_of(page.rows)
    context = {
        "page": page,
        "rows": [(campaign, tallies[campaign.pk]) for campaign in page.rows],
        "q": query,
        "state": state,
        "states": Campaign.State.choices,
        "other_channels": registry.other_channels(),
        "filtered": bool(query or state),
    }
    return render(request, "campaigns/index.html#rows" if request.htmx else "campaigns/index.html", context)


@access("campaigns.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    # The address may name an audience or a template: other pages link here with it.
    new = Campaign(audience=read_audience(request.GET).data(), channel=_channel(request), template=_template(request))
    form = CampaignForm(request.POST or None, instance=new)
    if request.method == "POST" and form.is_saving() and form.is_valid():
        form.instance.created_by = request.user
        campaign = form.save()
        audit.record(request.actor, "campaign.created", campaign)
        return back_to(request, "campaigns:show", pk=campaign.pk)
    return render(request, "campaigns/form.html", {"form": form})


def _channel(request: WorkspaceRequest) -> str:
    """The channel that the address names."""
    channel = parameters.text(request.GET, "channel", 20)
    return channel if channel in registry.CHANNELS else registry.FIRST


def _template(request: WorkspaceRequest) -> MessageTemplate | None:
    """The template that the address names, if it is offered to the campaign's channel."""
    pk = parameters.number(request.GET, "template")
    offered = MessageTemplate.objects.present().filter(archived_at=None, original=None, channel=_channel(request))
    return offered.defer(*LARGE).filter(pk=pk).first() if pk is not None else None


@access("campaigns.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaigns = locked_for_saving(request, Campaign.objects.present(), is_saving=not is_search(request.POST))
    campaign = get_object_or_404(campaigns, pk=pk)
    if not campaign.is_editable:
        messages.error(request, _("You can't edit a scheduled or sent campaign. Unschedule or duplicate it first."))
        return back_to(request, "campaigns:show", pk=pk)
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_saving() and form.is_valid():
        form.save()
        audit.record(request.actor, "campaign.changed", campaign, fields=form.changed_data)
        return back_to(request, "campaigns:show", pk=pk)
    return render(request, "campaigns/form.html", {"form": form, "campaign": campaign})


@access("campaigns.view")
@schema_cache.cached_schema()
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A draft with its checklist, or the progress of sending. In a large workspace, the checklist comes after the page:
    counting an audience may take seconds."""
    campaign = get_object_or_404(
        Campaign.objects.present().select_related("sender", "template", "account", "workspace"), pk=pk
    )
    context: dict[str, Any] = {"campaign": campaign, **filing.of_campaign(campaign)}
    asked = "checks" in request.GET
    if campaign.state == Campaign.State.DRAFT:
        context["translations"] = _translations_of(campaign)
        if asked or counting.is_small(request.workspace.pk):
            context |= _checks_of(campaign)
        if asked and request.htmx:
            return render(request, "campaigns/_checks.html", context)
    elif asked and request.htmx:
        return back_to(request, "campaigns:show", pk=pk)
    elif opened := batches.of_campaign(campaign):
        context |= _progress_of(opened) | {"versions": batches.versions_of(campaign)}
    return render(request, "campaigns/show.html", context)


def _translations_of(campaign: Campaign) -> list[tuple[str, MessageTemplate, str]]:
    """(name of the language, template, subject) of each translation of the campaign's template."""
    found = translating.translations_of(campaign.template) if campaign.template else []
    subjects = {code: said["subject"] for code, said in campaign.translations.items()}
    return [(translating.name_of(one.language), one, subjects.get(one.language, "")) for one in found]


def _checks_of(campaign: Campaign) -> dict:
    found = readiness.checks(campaign)
    return {
        "checks": found,
        "ready": not any(check.level == "blocker" for check in found),
        "schedule_form": ScheduleForm(initial={"zone": campaign.workspace.time_zone}),
    }


def _progress_of(opened: list[Batch]) -> dict:
    tallies = totals.by_fact(totals.of_batches(batch.pk for batch in opened))
    accounts = [batch.account for batch in opened if not batch.is_over] or [opened[0].account]
    account = next((one for one in accounts if one.last_problem or one.limit_ends_at), accounts[0])
    filled = all(batch.filled_at for batch in opened)
    planned = tallies.get("planned", 0)
    open_ = batching.open_count(tallies)
    ended = planned - open_
    return {
        "tallies": tallies,
        "open": open_,
        "percent": int(100 * ended / planned) if planned and filled else 0,
        "filled": filled,
        "held": next((batch for batch in opened if batch.problem and not batch.is_retry), None),
        "account": account,
        "problem": account.last_problem,
        "limit_ends_at": account.limit_ends_at,
        "status": sending_status.of_batches(opened, open_),
    }


@access("campaigns.view")
def progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The progress alone, polled while the campaign is under way. When the state changes, the whole page is loaded
    again, because it has other buttons then."""
    campaign = get_object_or_404(Campaign.objects.present(), pk=pk)
    opened = batches.of_campaign(campaign)
    if not opened:
        return back_to(request, "campaigns:show", pk=pk)
    shown = parameters.text(request.GET, "state") or campaign.state
    if request.htmx and (shown != campaign.state or not campaign.is_under_way):
        return back_to(request, "campaigns:show", pk=pk)
    return render(request, "campaigns/_progress.html", {"campaign": campaign, **_progress_of(opened)})


@access("campaigns.view")
@schema_cache.cached_schema()
def audience_count(request: WorkspaceRequest) -> HttpResponse:
    """A fragment of the form: how many people the chosen groups reach. The first answer may be an estimate; the page
    then asks for the exact number."""
    gate = send_rules.marketing(read_topic(request.GET), _channel(request))
    arguments = (request.workspace.pk, read_audience(request.GET), gate)
    exactly = "exactly" in request.GET
    try:
        found = audience.count_at_best(*arguments) if exactly else audience.count(*arguments)
    except BadDefinition as problem:
        return render(request, "campaigns/_audience_count.html", {"problems": problem.problems})
    context = {"count": found, "query": request.GET.urlencode(), "tried": exactly}
    return render(request, "campaigns/_audience_count.html", context)


@require_POST
@access("campaigns.edit")
def duplicate(request: WorkspaceRequest, pk: int) -> HttpResponse:
    original = get_object_or_404(Campaign.objects.present(), pk=pk)
    copy = Campaign.objects.create(
        name=(_("Copy of %(name)s") % {"name": original.name})[:120],
        channel=original.channel,
        subject=original.subject,
        preheader=original.preheader,
        translations=original.translations,
        sender=original.sender,
        template=original.template,
        account=original.account,
        audience=original.audience,
        topic=original.topic,
        created_by=request.user,
    )
    audit.record(request.actor, "campaign.created", copy)
    messages.success(request, _("Campaign duplicated."))
    return back_to(request, "campaigns:edit", pk=copy.pk)


@require_POST
@access("campaigns.edit")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.present(), pk=pk)
    if campaign.is_under_way or campaign.state == Campaign.State.SCHEDULED:
        messages.error(request, _("Cancel this campaign first."))
        return back_to(request, "campaigns:show", pk=pk)
    discard_on_page(request, campaign, "campaign.deleted", _("Campaign deleted."))
    return back_to(request, "campaigns:index")
