"""What there is to say about a template while it is written."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters
from templates_app.checks import of_html
from templates_app.merging import TooCostly, allowance
from templates_app.reading.findings import findings
from templates_app.reading.known import known_names
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
            found = [*findings(parts, known_names()), *removals(parts["html"])]
    except TooCostly as problem:
        return _page(request, problem=str(problem))
    found += of_html.others(request.workspace, parts)
    return _page(request, findings=found, replaceable=sum(bool(finding.old) for finding in found))


def _page(request: WorkspaceRequest, **context: object) -> HttpResponse:
    return render(request, "templates_app/_findings.html", context)
