"""A segment of the people of an import."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.groups import free_names
from contacts.models import ContactImport, Segment
from kernel import parameters
from kernel.http import back_to
from kernel.links import workspace_url


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Create a segment of the people whom this import created or updated, unless there is one. Asked for a campaign,
    open a new one to it; else the segment."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    segment = _segment(request, contact_import)
    if parameters.text(request.POST, "then") == "campaign":
        return redirect(f"{workspace_url(request.workspace, 'campaigns:new')}?include=segment:{segment.pk}")
    return back_to(request, "contacts:segment", pk=segment.pk)


def _segment(request: WorkspaceRequest, contact_import: ContactImport) -> Segment:
    rule = {"on": "import", "op": "any", "with": {"ids": [str(contact_import.pk)]}}
    definition = {"version": 1, "match": "all", "rules": [rule]}
    if found := Segment.objects.present().filter(definition=definition).first():
        return found
    name = _("Import: %(file)s") % {"file": contact_import.name[:80]}
    segment = free_names.make(Segment, name, definition=definition, created_by=request.user)
    audit.record(request.actor, "segment.created", segment)
    return segment
