from django.contrib import messages
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from contacts import jobs
from contacts.exports import parts, running
from contacts.exports.formats import CONTENT_TYPES
from contacts.forms.exports.export import ExportForm
from contacts.models import Export
from contacts.people.filtering import ContactFilter
from kernel.http import back_to
from kernel.jobs import enqueue
from kernel.pagination import paginate


@access("contacts.export")
def index(request):
    rows = _visible(request).select_related("asked_by", "job")
    context = {
        "page": paginate(rows, cursor=request.GET.get("cursor")),
        "may_take_along": request.membership.may("workspace.manage"),
    }
    return render(request, "contacts/exports/index.html", context)


@access("contacts.export")
def create(request):
    """Choose and ask. The contacts page sends what it shows, or the chosen people's ids, as its query string."""
    if request.method == "POST":
        form = ExportForm(request.POST)
        if form.is_valid():
            export = _ask(
                request,
                kind=Export.Kind.CONTACTS,
                file_format=form.cleaned_data["format"],
                name=form.file_name(),
                wanted=form.cleaned_data["scope"],
            )
            return back_to(request, "contacts:export", pk=export.pk)
    else:
        filters = ContactFilter.read(request.GET, country=request.workspace.country)
        form = ExportForm(
            ids=request.GET.getlist("id"),
            filters={} if filters.is_empty else filters.data(),
            chosen=request.GET.get("who", ""),
        )
    return render(request, "contacts/exports/form.html", {"form": form})


@require_POST
@access("contacts.export")
def suppressions(request):
    """The suppression list as a file."""
    export = _ask(
        request,
        kind=Export.Kind.SUPPRESSIONS,
        file_format=Export.Format.CSV,
        name="suppression-list.csv",
        wanted={},
    )
    return back_to(request, "contacts:export", pk=export.pk)


@require_POST
@access("workspace.manage")
def whole(request):
    """Everything, to take along."""
    export = _ask(
        request,
        kind=Export.Kind.WORKSPACE,
        file_format=Export.Format.ZIP,
        name=f"{request.workspace.slug}-{timezone.localdate():%Y-%m-%d}.zip",
        wanted={},
    )
    return back_to(request, "contacts:export", pk=export.pk)


@access("contacts.export")
def show(request, pk):
    export = get_object_or_404(_visible(request).select_related("job", "asked_by"), pk=pk)
    return render(request, "contacts/exports/show.html", {"export": export, "is_there": _is_there(export)})


@access("contacts.export")
def download(request, pk):
    export = get_object_or_404(_visible(request), pk=pk)
    if not _is_there(export):
        messages.error(request, _("This file is no longer available. Export again."))
        return back_to(request, "contacts:exports")
    audit.record(request, "export.downloaded", export)
    response = StreamingHttpResponse(parts.stream(export), content_type=CONTENT_TYPES[export.format])
    response["Content-Length"] = export.size
    response["Content-Disposition"] = f'attachment; filename="{export.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@access("contacts.export")
def delete(request, pk):
    """Throw the file away before its time."""
    export = get_object_or_404(_visible(request), pk=pk)
    running.expire(Export.objects.filter(pk=export.pk))
    audit.record(request, "export.deleted", export)
    messages.success(request, _("File deleted."))
    return back_to(request, "contacts:exports")


def _visible(request):
    """Whoever may not run the workspace does not see exports of all of it."""
    exports = Export.objects.all()
    if request.membership.may("workspace.manage"):
        return exports
    return exports.exclude(kind=Export.Kind.WORKSPACE)


def _is_there(export: Export) -> bool:
    return export.state == Export.State.DONE and export.expires_at is not None and export.expires_at > timezone.now()


def _ask(request, *, kind: str, file_format: str, name: str, wanted: dict) -> Export:
    export = running.begin(kind=kind, file_format=file_format, name=name, wanted=wanted, user=request.user)
    audit.record(request, "export.asked", export, kind=kind, format=file_format)
    enqueue(jobs.make_export, workspace_id=request.workspace.pk, export_id=export.pk)
    return export
