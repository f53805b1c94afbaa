"""The checks of a stored template: beside the block editor, and on its page."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from templates_app.blocks.documents import mark_of
from templates_app.checks import message as messages
from templates_app.checks import running
from templates_app.checks.finding import LOOK, PASSED, STOPS, Finding
from templates_app.models import MessageTemplate


@require_safe
@access("templates.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    message = messages.of_template(template, request.workspace)
    marks = {block.id: mark_of(block) for block in message.document or ()}
    found = [replace(finding, opened=marks.get(finding.place.block, "")) for finding in running.run(message)]
    return render(
        request,
        "templates_app/checks/_panel.html",
        {**panel(found), "template": template, "later": [name for later in running.LATER if (name := later())]},
    )


def panel(found: list[Finding]) -> dict:
    """What the panel of findings shows."""
    return {
        "findings": [finding for finding in found if finding.severity != PASSED],
        "passed": [finding for finding in found if finding.severity == PASSED],
        "stops": sum(finding.severity == STOPS for finding in found),
        "looks": sum(finding.severity == LOOK for finding in found),
    }
