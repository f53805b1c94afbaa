from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports.imports import UploadForm
from contacts.imports import columns, encodings, queueing, running, survey_texts, undoing, uploading
from contacts.imports.contact_rows import REASONS
from contacts.imports.limits import Unreadable
from contacts.models import ContactImport, RejectedRow
from contacts.views.imports import forecasts, notes
from kernel import csvfiles, parameters
from kernel.http import back_to
from kernel.jobs import enqueue
from kernel.pagination import paginate
from kernel.tenancy import scope

CHUNK = 2000


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(
        ContactImport.objects.select_related("uploaded_by").defer("preview"), cursor=parameters.cursor(request.GET)
    )
    return render(request, "contacts/imports/index.html", {"page": page})


@access("contacts.import")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
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
            return back_to(request, "contacts:import", pk=contact_import.pk)
    context = {
        "form": form,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }
    return render(request, "contacts/imports/form.html", context)


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """By the import's state: the columns to map, the forecast, the progress, or the result."""
    contact_import = get_object_or_404(ContactImport.objects.select_related("job", "uploaded_by"), pk=pk)
    if contact_import.state == ContactImport.State.UPLOADED:
        if "forecast" in (contact_import.preview or {}) and "columns" not in request.GET:
            return render(request, "contacts/imports/forecast.html", forecasts.context(contact_import))
        return forecasts.mapping(request, contact_import)
    rows = RejectedRow.objects.filter(contact_import=contact_import)[:20]
    first_notes = contact_import.notes.values_list("line", "column", "reason", "cell")[:20]
    context = {
        "import": contact_import,
        "noted": notes.totals(contact_import, contact_import.noted_columns),
        "notes": notes.shown(list(first_notes)),
        "rejected": [(row, REASONS.get(row.reason, row.reason)) for row in rows],
        "encoding": encodings.label(contact_import.encoding),
        "file_notices": survey_texts.notices(contact_import),
        "lines_sentence": _lines_sentence(contact_import),
        "ways": columns.ambiguous_readings(contact_import),
        "refused": forecasts.refused(contact_import.refused),
        "can_undo": undoing.is_possible(contact_import),
        "undo_is_stuck": undoing.is_stuck(contact_import),
        "undone": (contact_import.preview or {}).get("undone"),
    }
    return render(request, "contacts/imports/show.html", context)


def _lines_sentence(contact_import: ContactImport) -> str:
    finished = contact_import.state in (ContactImport.State.DONE, ContactImport.State.UNDONE)
    return survey_texts.lines_sentence(contact_import, contact_import.rows) if finished else ""


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


@access("contacts.import")
def rejected(request: WorkspaceRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as a CSV file: line number, reason, and the cells of the row."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    response = StreamingHttpResponse(_lines(contact_import), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{contact_import.pk}.csv"'
    return response


def _lines(contact_import: ContactImport) -> Iterator[str]:
    """The CSV text in chunks. Each chunk opens a scope of its own, because the stream outlives the request's scope."""
    yield csvfiles.write([[_("Row"), _("Reason")]])
    after = 0
    while True:
        with scope(contact_import.workspace_id):
            rows = list(RejectedRow.objects.filter(contact_import=contact_import, id__gt=after).order_by("id")[:CHUNK])
        if not rows:
            return
        after = rows[-1].pk
        lines = [[row.line, REASONS.get(row.reason, row.reason), *row.cells] for row in rows]
        yield csvfiles.write(lines).removeprefix("\ufeff")
