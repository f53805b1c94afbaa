"""A template as it is written, before it is saved: the message, and the text made from it. Nothing is stored."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters
from templates_app import previewing
from templates_app.merging import MergeError, allowance
from templates_app.plain_text import text_of
from templates_app.storable import MAX_CHARACTERS, NotStorable, storable
from templates_app.views import previews

SECONDS = 2.0  # of CPU for the merge tags
PROBLEM = (
    '<!DOCTYPE html><html><head><title>!</title></head><body data-problem style="margin:2rem;font:1rem/1.5 sans-serif">'
    "<p>{}</p></body></html>"
)


@require_POST
@access("templates.edit")
def message(request: WorkspaceRequest) -> HttpResponse:
    """The message of the form, as saving would store it and a contact would get it; or what keeps it from being
    stored. For a frame, whose places the editor's page may measure."""
    try:
        with allowance(SECONDS):
            page = previewing.render_html(storable(_posted(request, "html")).html, _values(request))
    except (NotStorable, MergeError) as problem:
        return previewing.measurable(format_html(PROBLEM, str(problem)))
    if parameters.text(request.POST, "dark"):
        page = previewing.in_the_dark(page)
    return previewing.measurable(page)


@require_POST
@access("templates.edit")
def text(request: WorkspaceRequest) -> HttpResponse:
    """The text part that is made from the form's HTML, with its merge tags."""
    try:
        with allowance(SECONDS):
            made = text_of(storable(_posted(request, "html")).html)
    except (NotStorable, MergeError) as problem:
        return HttpResponse(str(problem), "text/plain; charset=utf-8", 422)
    return HttpResponse(made or _("The message has no words."), "text/plain; charset=utf-8")


def _posted(request: WorkspaceRequest, name: str) -> str:
    return parameters.text(request.POST, name, MAX_CHARACTERS + 1, strip=False)


def _values(request: WorkspaceRequest) -> dict:
    contact = previews.chosen_contact(request)
    return previewing.values_for(request.workspace, contact, text=_posted(request, "text"))
