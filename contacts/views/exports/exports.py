from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.exports import asking, kinds, parts, running
from contacts.exports.formats import CONTENT_TYPES
from contacts.forms.exports.export import ExportForm
from contacts.models import Export
from contacts.people.filtering import ContactFilter
from kernel import parameters
from kernel.http import back_to
from kernel.pagination import paginate


@access("contacts.export")
def index(request: WorkspaceRequest) -> HttpResponse:
    rows = _visible(request).select_related("asked_by", "job")
    page = paginate(rows, cursor=parameters.cursor(request.GET))
    context = {
        "page": page,
        "rows": [(export, kinds.KINDS[export.kind].label) for export in page.rows],
        "may_take_along": request.membership.may("workspace.manage"),
    }
    return render(request, "contacts/exports/index.html", context)


@access("contacts.export")
def create(request: WorkspaceRequest) -> HttpResponse:
    """Choose what to export, and start the export. The contacts page sends its filter or the selected ids as the query
    string."""
    if request.method == "POST":
        form = ExportForm(request.POST)
        if form.is_valid():
            export = asking.ask(
                request.actor,
                kind=kinds.CONTACTS,
                file_format=form.cleaned_data["format"],
                name=form.file_name(),
                wanted=form.cleaned_data["scope"],
            )
            return back_to(request, "contacts:export", pk=export.pk)
    else:
        ids = parameters.numbers(request.GET, "id")
        if "selected" in request.GET and not ids:
            messages.error(request, _("Select contacts first."))
            return back_to(request, "contacts:index")
        filters = ContactFilter.read(request.GET, country=request.workspace.country)
        form = ExportForm(
            ids=ids,
            filters={} if filters.is_empty else filters.data(),
            chosen=parameters.text(request.GET, "who"),
        )
    return render(request, "contacts/exports/form.html", {"form": form})


@require_POST
@access("contacts.export")
def suppressions(request: WorkspaceRequest) -> HttpResponse:
    """Export the suppression list."""
    export = asking.ask(
        request.actor,
        kind=kinds.SUPPRESSIONS,
        file_format=Export.Format.CSV,
        name="suppression-list.csv",
        wanted={},
    )
    return back_to(request, "contacts:export", pk=export.pk)


@require_POST
@access("workspace.manage")
def whole(request: WorkspaceRequest) -> HttpResponse:
    """Export the whole workspace."""
    export = asking.ask(
        request.actor,
        kind=kinds.WORKSPACE,
        file_format=Export.Format.ZIP,
        name=f"{request.workspace.slug}-{timezone.localdate():%Y-%m-%d}.zip",
        wanted={},
    )
    return back_to(request, "contacts:export", pk=export.pk)


@access("contacts.export")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    export = get_object_or_404(_visible(request).select_related("job", "asked_by"), pk=pk)
    context = {"export": export, "kind": kinds.KINDS[export.kind].label, "is_there": _is_there(export)}
    return render(request, "contacts/exports/show.html", context)


@access("contacts.export")
def download(request: WorkspaceRequest, pk: int) -> StreamingHttpResponse | HttpResponse:
    export = get_object_or_404(_visible(request), pk=pk)
    if not _is_there(export):
        messages.error(request, _("This file is no longer available. Export again."))
        return back_to(request, "contacts:exports")
    audit.record(request.actor, "export.downloaded", export)
    response = StreamingHttpResponse(parts.stream(export), content_type=CONTENT_TYPES[export.format])
    response["Content-Length"] = export.size
    response["Content-Disposition"] = f'attachment; filename="{export.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@access("contacts.export")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete the file before it expires."""
    export = get_object_or_404(_visible(request), pk=pk)
    running.expire(Export.objects.filter(pk=export.pk))
    audit.record(request.actor, "export.deleted", export)
    messages.success(request, _("File deleted."))
    return back_to(request, "contacts:exports")


def _visible(request: WorkspaceRequest) -> QuerySet[Export]:
    """The exports that the member may see: those of kinds for which they have the permission."""
    hidden = kinds.hidden_from(request.actor)
    # Without a condition that all rows meet: PostgreSQL would sort them all instead of reading a page by the index.
    return Export.objects.exclude(kind__in=hidden) if hidden else Export.objects.all()


def _is_there(export: Export) -> bool:
    return export.state == Export.State.DONE and export.expires_at is not None and export.expires_at > timezone.now()
