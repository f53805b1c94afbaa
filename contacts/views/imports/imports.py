from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports.upload import UploadForm
from contacts.imports import queueing, running, undoing, uploading
from contacts.imports.limits import Unreadable
from contacts.models import ContactImport
from contacts.views.imports import forecasts, records
from kernel import parameters
from kernel.http import back_to
from kernel.jobs import enqueue
from kernel.pagination import paginate


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(
        ContactImport.objects.select_related("uploaded_by").defer("preview"), cursor=parameters.cursor(request.GET)
    )
    return render(request, "contacts/imports/index.html", {"page": page})


@access("contacts.import")
def create(request: WorkspaceRequest) -> HttpResponse:
    asked = parameters.text(request.GET, "target", 10)
    initial = {"target": asked} if asked in ContactImport.Target.values else {}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            queueing.refuse_more_files()
            contact_import = uploading.upload(
                form.cleaned_data["file"], request.user, target=form.cleaned_data["target"]
            )
        except (Unreadable, queueing.TooMany) as problem:
            form.add_error("file", str(problem))
        else:
            audit.record(request.actor, "import.uploaded", contact_import, target=contact_import.target)
            _check_retry(request, contact_import)
            return back_to(request, "contacts:import", pk=contact_import.pk)
    context = {
        "form": form,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }
    return render(request, "contacts/imports/form.html", context)


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
    mapped = "forecast" in (contact_import.preview or {})
    failed = contact_import.state == ContactImport.State.FAILED
    if failed and not contact_import.parts.exists():
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
    contact_import.delete()
    messages.success(request, _("File discarded."))
    return back_to(request, "contacts:imports")
