from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.groups import capped_counts, free_names
from contacts.models import Contact, Segment
from contacts.people.filtering import ContactFilter
from kernel.links import workspace_url

#: The definition of a segment of inactive contacts.
INACTIVE = {"version": 1, "match": "all", "rules": [{"on": "inactive", "op": "yes", "with": {}}]}


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """How many contacts are a problem for the list, by kind, with links to them."""
    problems = [
        (
            _("Bounced addresses"),
            {"status": "bounced"},
            _("Their mail server permanently rejected your e-mail. They receive nothing more."),
        ),
        (
            _("Spam complaints"),
            {"status": "complained"},
            _("They reported a message as spam. They receive nothing more."),
        ),
        (_("Without consent"), {"status": "pending"}, _("They receive no marketing until they agree.")),
        (
            _("Shared addresses"),
            {"kind": "role"},
            _("Such as info@. Several people read them, and they complain more often."),
        ),
        (_("Disposable addresses"), {"kind": "disposable"}, _("They soon stop working, and your e-mail bounces.")),
    ]
    rows = [(label, text, query, _count(query)) for label, query, text in problems]
    context = {
        "rows": rows,
        "inactive": _count({"inactive": "1"}),
        "months": request.workspace.inactive_months,
    }
    return render(request, "contacts/people/list_health/index.html", context)


def _count(query: dict) -> tuple[int, bool]:
    return capped_counts.count(ContactFilter.read(query).conditions(Contact.objects.all()))


@require_POST
@access("contacts.edit")
def segment(request: WorkspaceRequest) -> HttpResponse:
    """Create a segment of the inactive contacts, unless there is one, and open a new campaign to it."""
    found = Segment.objects.present().filter(definition=INACTIVE).first()
    if found is None:
        found = free_names.make(Segment, _("Inactive contacts"), definition=INACTIVE, created_by=request.user)
        audit.record(request.actor, "segment.created", found)
    return redirect(f"{workspace_url(request.workspace, 'campaigns:new')}?include=segment:{found.pk}&with_inactive=1")
