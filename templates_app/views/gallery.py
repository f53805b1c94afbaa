"""Where a new template begins: designs, seen large before one is chosen, and the other ways."""

from __future__ import annotations

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters
from templates_app import designs, previewing, starters
from templates_app.blocks import rendering, saving

CHOSEN = "language_of_designs_in_%d"  # in the session: what was chosen last in the workspace with this id


@access("templates.edit")
@require_safe
def index(request: WorkspaceRequest) -> HttpResponse:
    """The designs of a category, or all; one of them large beside the others."""
    category = parameters.text(request.GET, "category")
    listed = designs.of_category(category)
    chosen = designs.find(parameters.text(request.GET, "design")) or listed[0]
    context = {
        "categories": designs.CATEGORIES,
        "category": category,
        "designs": listed,
        "neighbours": designs.neighbours(chosen, listed),
        "chosen": chosen,
        "language": language_of(request, request.GET),
        "starters": starters.STARTERS,
    }
    page = "templates_app/gallery/index.html"
    part = {"drawer": "#drawer", "gallery": "#gallery"}.get(request.htmx.target or "", "")
    return render(request, f"{page}{part}", context)


@access("templates.edit")
@require_safe
def message(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """A design as a message of this workspace, for a frame."""
    design = designs.find(slug)
    if design is None:
        raise Http404
    language = language_of(request, request.GET)
    source = rendering.render(design.shown(language), saving.look_of(request.workspace, language), language)
    html = previewing.render_html(source, previewing.values_for(request.workspace, None))
    return previewing.measurable(html)


def language_of(request: WorkspaceRequest, given: QueryDict) -> str:
    """The language of the designs: the one that was chosen, in this session; else the workspace's."""
    key = CHOSEN % request.workspace.pk
    chosen = parameters.text(given, "language")
    if chosen in designs.LANGUAGES:
        if request.session.get(key) != chosen:
            request.session[key] = chosen
        return chosen
    return request.session.get(key, request.workspace.language)
