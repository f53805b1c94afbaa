"""The forecast of an import: the columns are mapped, the rows counted in the background, and no contact is changed."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.fields import values
from contacts.forms.imports.formats import FormatForm
from contacts.forms.imports.mapping import MappingForm
from contacts.imports import columns, forecast_texts, outcomes, queueing, survey_texts, uploading
from contacts.imports.event_rows import AMOUNTS
from contacts.imports.limits import Unreadable
from contacts.imports.reasons import REASONS
from contacts.models import Channel, ContactImport
from contacts.views.imports import notes
from kernel.http import back_to
from kernel.jobs import enqueue


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The counts so far: a fragment that reloads itself until they are complete."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    return render(request, "contacts/imports/_forecast.html", context(contact_import))


@require_POST
@access("contacts.import")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Save how the columns are mapped, and start counting."""
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    if contact_import.state != ContactImport.State.UPLOADED:
        return back_to(request, "contacts:import", pk=pk)
    try:
        form = _form(request, contact_import)
    except Unreadable as problem:
        messages.error(request, str(problem))
        return back_to(request, "contacts:new_import")
    if not form.is_valid():
        return _page(request, contact_import, form)
    try:
        queueing.refuse_more_work(contact_import)
    except queueing.TooMany as problem:
        messages.error(request, str(problem))
        return _page(request, contact_import, form)
    _save(contact_import, form)
    begin(request, contact_import)
    return back_to(request, "contacts:import", pk=pk)


def begin(request: WorkspaceRequest, contact_import: ContactImport) -> None:
    """Save the import and count in the background what it would do."""
    token = secrets.token_hex(8)
    contact_import.preview = (contact_import.preview or {}) | {"forecast": {"token": token, "done": False}}
    contact_import.save()
    audit.record(request.actor, "import.mapped", contact_import, columns=len(contact_import.mapping or []))
    enqueue("contacts.forecast_import", workspace_id=request.workspace.pk, import_id=contact_import.pk, token=token)


def context(contact_import: ContactImport) -> dict:
    """The template context of a forecast."""
    forecast = (contact_import.preview or {}).get("forecast") or {"done": True}
    counts = dict.fromkeys(("rows", "created", "updated", "skipped", "merged", "rejected", "noted"), 0)
    whole = forecast["done"] and not {"partial", "problem"} & set(forecast)
    rows = forecast.get("counts", {}).get("rows", 0)
    reasons = sorted(forecast.get("reasons", {}).items(), key=lambda pair: -pair[1])
    return {
        "import": contact_import,
        "original": outcomes.original_of(contact_import),
        "group": uploading.group_of(contact_import),
        "forecast": forecast,
        "file_notices": survey_texts.notices(contact_import),
        "has_no_amounts": contact_import.target == ContactImport.Target.EVENTS
        and AMOUNTS.isdisjoint(contact_import.mapping or []),
        "event_names": forecast_texts.event_names(forecast.get("event_names", 0)),
        "lines_sentence": survey_texts.lines_sentence(contact_import, rows) if whole else "",
        "counts": counts | forecast.get("counts", {}),
        "consent": forecast_texts.consent(forecast.get("consent", {})),
        "subscribes": any(outcomes.get("subscribed") for outcomes in forecast.get("consent", {}).values()),
        "brings_proof": forecast_texts.brings_proof(contact_import),
        "creations": forecast_texts.creations(forecast.get("creations", {})),
        "refused": refused(forecast.get("refused", {})),
        "refusing": forecast.get("refusing", []),
        "left_out": _left_out(contact_import, forecast.get("left_out", {})),
        "reasons": [(REASONS.get(reason, reason), number) for reason, number in reasons],
        "noted": notes.totals(contact_import, forecast.get("noted", {})),
        "notes": notes.shown(forecast.get("notes", [])),
        "rejected": [(line, REASONS.get(reason, reason), cells) for line, reason, cells in forecast.get("first", [])],
    }


def refused(counts: dict[str, int]) -> list[tuple[str, int]]:
    """(channel, how many rows say no for it), for the page."""
    return [(str(Channel(channel).label), counts[channel]) for channel in Channel.values if counts.get(channel)]


def _left_out(contact_import: ContactImport, counts: dict[str, int]) -> list[tuple[str, int]]:
    """(name, rows that don't say yes) of each column that looks like consent and is not imported as such."""
    headings = contact_import.headings
    return [
        (headings[n].strip()[:80] if n < len(headings) else str(n + 1), number)
        for n, number in sorted((int(column), number) for column, number in counts.items())
    ]


def mapping(request: WorkspaceRequest, contact_import: ContactImport) -> HttpResponse:
    """The page that maps the columns."""
    try:
        return _page(request, contact_import, _form(request, contact_import))
    except Unreadable as problem:
        messages.error(request, str(problem))
        return back_to(request, "contacts:new_import")


def _page(request: WorkspaceRequest, contact_import: ContactImport, form: MappingForm) -> HttpResponse:
    """The page that maps the columns, with the form's errors."""
    program = columns.program_of(form.sample) if contact_import.target == ContactImport.Target.CONTACTS else None
    page = {
        "import": contact_import,
        "program": program,
        "group": uploading.group_of(contact_import),
        "original": outcomes.original_of(contact_import),
        "form": form,
        "columns": form.column_groups(),
        "format_form": FormatForm(contact_import=contact_import),
        "file_notices": survey_texts.notices(contact_import),
    }
    return render(request, "contacts/imports/mapping.html", page)


def _form(request: WorkspaceRequest, contact_import: ContactImport) -> MappingForm:
    return MappingForm(
        request.POST or None,
        sample=uploading.read_sample(contact_import),
        contact_import=contact_import,
        same_file=uploading.same_file(contact_import),
        conventions=values.conventions(request.workspace),
    )


def _save(contact_import: ContactImport, form: MappingForm) -> None:
    answers = form.cleaned_data
    contact_import.mapping = answers["mapping"]
    contact_import.to_make = form.to_make()
    contact_import.reading = form.chosen_readings()
    contact_import.mode = answers.get("mode") or ContactImport.Mode.BOTH
    if contact_import.target == ContactImport.Target.EVENTS:
        contact_import.event = form.event()
    if contact_import.target != ContactImport.Target.CONTACTS:
        return
    contact_import.clear_empty = answers["clear_empty"]
    contact_import.consent_source = answers["consent_source"]
    contact_import.channels = answers["channels"]
    contact_import.basis = answers["basis"] or contact_import.basis
