from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.models import Job
from accounts.requests import WorkspaceRequest
from contacts.models import Segment
from contacts.segments import definition, nesting, snapshots
from contacts.segments.definition import BadDefinition
from kernel.http import back_to
from kernel.jobs import enqueue


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Keep the people who are in the segment now as a list, filled in the background."""
    segment = get_object_or_404(Segment.objects.present(), pk=pk)
    try:
        definition.read_usable(nesting.expanded(segment.definition, of=segment.pk))
    except BadDefinition as problem:
        messages.error(request, str(problem))
        return back_to(request, "contacts:segment", pk=pk)
    contact_list = snapshots.new_list(segment)
    job = Job.objects.create(kind="snapshot", owner=request.user, message=contact_list.name)
    audit.record(request.actor, "segment.snapshot", segment, contact_list=contact_list.pk)
    enqueue("contacts.take_snapshot", segment_id=segment.pk, list_id=contact_list.pk, job_id=job.pk)
    messages.success(request, _("Contacts are being added to the list “%(name)s”.") % {"name": contact_list.name})
    return back_to(request, "contacts:segment", pk=pk)
