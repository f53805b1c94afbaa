import logging

from django.conf import settings
from django.contrib import messages
from django.core.files import File
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports.upload import UploadForm
from contacts.imports import queueing, running, stored_file, undoing, uploading
from contacts.imports.limits import Unreadable
from contacts.models import ContactImport
from contacts.views.imports import forecasts, records
from kernel import parameters
from kernel.files import problems
from kernel.http import back_to, own_transactions
from kernel.jobs import enqueue
from kernel.pagination import paginate
from kernel.tenancy import scope

log = logging.getLogger("fanfare.files")


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(
        ContactImport.objects.select_related("uploaded_by").defer("preview"), cursor=parameters.cursor(request.GET)
    )
    return render(request, "contacts/imports/index.html", {"page": page})


@own_transactions
@access("contacts.import")
def create(request: WorkspaceRequest) -> HttpResponse:
    asked = parameters.text(request.GET, "target", 10)
    initial = {"target": asked} if asked in ContactImport.Target.values else {}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            contact_import = _receive(request, form.cleaned_data["file"], form.cleaned_data["target"])
            return back_to(request, "contacts:import", pk=contact_import.pk)
        except (Unreadable, queueing.TooMany, problems.Full) as problem:
            form.add_error("file", str(problem))
        except problems.Problem as problem:
            log.error("An upload could not be kept: %s", problem)
            form.add_error("file", _("Files can't be stored at the moment. Try again in a few minutes."))
    context = {
        "form": form,
        "of_events": form["target"].value() == ContactImport.Target.EVENTS,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }
    with scope(request.workspace):
        return render(request, "contacts/imports/form.html", context)


def _receive(request: WorkspaceRequest, file: File, target: str) -> ContactImport:
    with scope(request.workspace):
        queueing.refuse_more_files()
    with uploading.received(request.workspace, file, request.user, target=target) as contact_import:
        audit.record(request.actor, "import.uploaded", contact_import, target=contact_import.target)
        _check_retry(request, contact_import)
    return contact_import


def _check_retry(request: WorkspaceRequest, contact_import: ContactImport) -> None:
    """Mended rows of an earlier import are mapped already: what they would do is counted at once."""
    if contact_import.retry_of_id is None:
        return
    try:
        queueing.refuse_more_work(contact_import)
    except queueing.TooMany:
        return  # the page with the columns starts it later
    forecasts.begin(request, contact_import)


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """By the import's state: the columns to map, the forecast, the progress, or the result."""
    contact_import = get_object_or_404(records.imports(), pk=pk)
    if contact_import.state == ContactImport.State.UPLOADED:
        if "forecast" in (contact_import.preview or {}) and "columns" not in request.GET:
            return render(request, "contacts/imports/forecast.html", forecasts.context(contact_import))
        return forecasts.mapping(request, contact_import)
    return records.page(request, contact_import)


@require_POST
@access("contacts.import")
def start(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Start the import. When two people press at the same time, one starts it and the other sees it running."""
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    forecast = (contact_import.preview or {}).get("forecast", {"problem": "not mapped yet"})
    mapped = "problem" not in forecast  # without one, it may be started before all rows are counted
    failed = contact_import.state == ContactImport.State.FAILED
    if failed and not stored_file.is_there(contact_import):
        messages.error(
            request, _("The file is no longer available. Import it again: rows already read won't be duplicated.")
        )
    elif failed or (contact_import.state == ContactImport.State.UPLOADED and mapped):
        _start(request, contact_import)
    return back_to(request, "contacts:import", pk=pk)


def _start(request: WorkspaceRequest, contact_import: ContactImport) -> None:
    try:
        queueing.refuse_more_work(contact_import)
    except queueing.TooMany as problem:
        messages.error(request, str(problem))
        return
    running.start(contact_import, request.user)
    audit.record(request.actor, "import.started", contact_import)
    enqueue("contacts.import_contacts", workspace_id=request.workspace.pk, import_id=contact_import.pk)


@require_POST
@access("contacts.import")
def undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Undo what this import alone created, or continue an undo that got stuck. Pressed twice, it is done once."""
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    if undoing.is_possible(contact_import) or undoing.is_stuck(contact_import):
        undoing.begin(contact_import, request.user)
        audit.record(request.actor, "import.undone", contact_import)
        enqueue("contacts.undo_import", workspace_id=request.workspace.pk, import_id=contact_import.pk)
    elif contact_import.state == ContactImport.State.DONE:
        messages.error(request, _("Imports can only be undone within 24 hours."))
    return back_to(request, "contacts:import", pk=pk)


@require_POST
@access("contacts.import")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete a file that was not imported."""
    contact_import = get_object_or_404(ContactImport, pk=pk, state=ContactImport.State.UPLOADED)
    audit.record(request.actor, "import.discarded", contact_import)
    stored_file.forget(ContactImport.objects.filter(pk=contact_import.pk))
    contact_import.delete()
    messages.success(request, _("File discarded."))
    return back_to(request, "contacts:imports")
