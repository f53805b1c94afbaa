from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from contacts import jobs, tagging
from contacts.forms.imports import FormatForm, MappingForm, UploadForm
from contacts.importing import running, sniffing, uploading
from contacts.importing.rows import REASONS
from contacts.models import ContactImport, ImportTag, RejectedRow
from kernel import csvfiles
from kernel.http import back_to
from kernel.jobs import enqueue
from kernel.pagination import paginate

REJECTED_IN_FILE = 100_000


@access("contacts.view")
def index(request):
    page = paginate(ContactImport.objects.select_related("uploaded_by"), cursor=request.GET.get("cursor"))
    return render(request, "contacts/imports/index.html", {"page": page})


@access("contacts.import")
def create(request):
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            contact_import = uploading.upload(form.cleaned_data["file"], request.user)
        except sniffing.Unreadable as problem:
            form.add_error("file", str(problem))
        else:
            return back_to(request, "contacts:import", pk=contact_import.pk)
    context = {
        "form": form,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }
    return render(request, "contacts/imports/form.html", context)


@access("contacts.view")
def show(request, pk):
    """The columns to be mapped, the progress, or the result: what the import's state asks for."""
    contact_import = get_object_or_404(ContactImport.objects.select_related("job", "uploaded_by"), pk=pk)
    if contact_import.state != ContactImport.State.UPLOADED:
        reasons = RejectedRow.objects.filter(contact_import=contact_import)[:20]
        context = {
            "import": contact_import,
            "rejected": [(row, REASONS.get(row.reason, row.reason)) for row in reasons],
        }
        return render(request, "contacts/imports/show.html", context)
    return _mapping(request, contact_import)


def _mapping(request, contact_import):
    format_form = FormatForm(
        {
            "encoding": request.GET.get("encoding", contact_import.encoding),
            "delimiter": request.GET.get("delimiter", contact_import.delimiter),
            "has_header": request.GET.get("has_header", "") if "encoding" in request.GET else contact_import.has_header,
        },
        contact_import=contact_import,
    )
    start = uploading.start_of(contact_import)
    try:
        if format_form.is_valid() and "encoding" in request.GET:
            look = sniffing.look(start, **format_form.cleaned_data)
            for name, value in format_form.cleaned_data.items():
                setattr(contact_import, name, value)
            contact_import.mapping = uploading.guess_mapping(look)
            contact_import.save()
        look = sniffing.look(
            start,
            encoding=contact_import.encoding,
            delimiter=contact_import.delimiter,
            has_header=contact_import.has_header,
        )
    except sniffing.Unreadable as problem:
        messages.error(request, str(problem))
        return back_to(request, "contacts:new_import")
    form = MappingForm(request.POST or None, look=look, mapping=contact_import.mapping)
    context = {
        "import": contact_import,
        "form": form,
        "format_form": format_form,
        "preview": look.rows[int(look.has_header) :][:5],
    }
    return render(request, "contacts/imports/mapping.html", context)


@require_POST
@access("contacts.import")
def start(request, pk):
    """Map and run. Two people pressing at once: one runs it, the other sees it running."""
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    if contact_import.state == ContactImport.State.FAILED:
        _run(request, contact_import)
        return back_to(request, "contacts:import", pk=pk)
    if contact_import.state != ContactImport.State.UPLOADED:
        return back_to(request, "contacts:import", pk=pk)
    look = sniffing.look(
        uploading.start_of(contact_import),
        encoding=contact_import.encoding,
        delimiter=contact_import.delimiter,
        has_header=contact_import.has_header,
    )
    form = MappingForm(request.POST, look=look, mapping=contact_import.mapping)
    if not form.is_valid():
        return _mapping(request, contact_import)
    contact_import.mapping = form.save_mapping()
    contact_import.consent_source = form.cleaned_data["consent_source"]
    for tag in tagging.named(form.cleaned_data["tags"]):
        ImportTag.objects.get_or_create(contact_import=contact_import, tag=tag)
    _run(request, contact_import)
    return back_to(request, "contacts:import", pk=pk)


def _run(request, contact_import):
    running.start(contact_import, request.user)
    audit.record(request, "import.started", contact_import)
    enqueue(jobs.import_contacts, workspace_id=request.workspace.pk, import_id=contact_import.pk)


@require_POST
@access("contacts.import")
def delete(request, pk):
    """Take back a file that was not run."""
    get_object_or_404(ContactImport, pk=pk, state=ContactImport.State.UPLOADED).delete()
    messages.success(request, _("The file was taken back."))
    return back_to(request, "contacts:imports")


@access("contacts.import")
def rejected(request, pk):
    """The rejected rows as a CSV file: line, reason, and the row as it was."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    rows = RejectedRow.objects.filter(contact_import=contact_import)[:REJECTED_IN_FILE]
    lines = [[_("Row"), _("Reason")]]
    lines += [[row.line, REASONS.get(row.reason, row.reason), *row.cells] for row in rows.iterator(chunk_size=5000)]
    response = HttpResponse(csvfiles.write(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{contact_import.pk}.csv"'
    return response
