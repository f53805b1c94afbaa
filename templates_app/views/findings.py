"""What there is to say about a template while it is written."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import merge_values
from contacts.models import ContactField
from contacts.people import missing_values
from kernel import parameters
from templates_app.merging import TooCostly, allowance, message_tags
from templates_app.reading.findings import Known, findings
from templates_app.reading.removals import removals
from templates_app.storable import MAX_CHARACTERS

SECONDS = 2.0  # of CPU for all of it


@require_POST
@access("templates.edit")
def check(request: WorkspaceRequest) -> HttpResponse:
    """Findings about the parts of the form as it is filled in. Nothing is saved."""
    parts = {part: parameters.text(request.POST, part, MAX_CHARACTERS + 1, strip=False) for part in ("html", "text")}
    if any(len(source) > MAX_CHARACTERS for source in parts.values()):
        return _page(request, problem=_("The text is too long to look through."))
    try:
        with allowance(SECONDS):
            found = [*findings(parts, _known()), *removals(parts["html"])]
    except TooCostly as problem:
        return _page(request, problem=str(problem))
    return _page(request, findings=found, replaceable=sum(bool(finding.old) for finding in found))


def _page(request: WorkspaceRequest, **context: object) -> HttpResponse:
    return render(request, "templates_app/_findings.html", context)


def _known() -> Known:
    own_fields = ContactField.objects.present().values_list("name", flat=True)
    return Known(
        always=frozenset({"email", *message_tags.OF_MESSAGE, "event", "now", "today"}),
        of_people=frozenset({*merge_values.NAMES, *own_fields} - {"email"}),
        missing=missing_values.count,
    )
