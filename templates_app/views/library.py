"""The library: all templates as cards, and what can be done with one of them without opening it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate
from templates_app import designs, library, previewing, uses
from templates_app.forms.category import CategoryForm
from templates_app.models import LARGE, MessageTemplate, TemplateFavourite

FOLDER = "templates_app/library"
A_WEEK = 7 * 86_400
FIRST_DESIGNS = ("monthly-letter", "offer", "letter")


@require_safe
@access("templates.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """The library. For a search, a tab or an order, its cards alone and the tabs."""
    context = _cards(request)
    return render(request, f"{FOLDER}/_found.html" if request.htmx else f"{FOLDER}/index.html", context)


def _cards(request: WorkspaceRequest) -> dict[str, Any]:
    query, tab = parameters.text(request.GET, "q"), parameters.text(request.GET, "in")
    order = parameters.text(request.GET, "sort")
    order = order if order in library.ORDERS else ""
    tabs = library.tabs(request.user)
    tab = tab if tab in (library.FAVOURITES, library.ARCHIVED, *library.CATEGORY_LABELS) else ""
    field, _label = library.ORDERS[order]
    templates = library.found(tab, query, request.user)
    page = paginate(templates, order=field, cursor=parameters.cursor(request.GET), size=library.A_PAGE)
    used = uses.counted(page.rows)
    is_empty = not page.rows and not query and not any(one.n for one in tabs)
    return {
        "page": page,
        "cards": [(template, used[template.pk]) for template in page.rows],
        "q": query,
        "tab": tab,
        "tabs": tabs,
        "order": order,
        "orders": [(name, label) for name, (_field, label) in library.ORDERS.items()],
        "first_designs": [designs.find(slug) for slug in FIRST_DESIGNS] if is_empty else [],
        "language": request.workspace.language,
    }


@gzip_page
@require_safe
@access("templates.view")
def thumbnail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The message for the frame of a card, which static/js/library.js measures. Its address says when the template was
    changed, so that a browser asks once."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    html = previewing.render_html(template.html, previewing.values_for(request.workspace, None))
    response = previewing.measurable(html)
    patch_cache_control(response, private=True, max_age=A_WEEK)
    return response


@require_POST
@access("templates.view")
def favourite(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Mark a template as a favourite of this person's, or take the mark away: `on` is 1 or 0."""
    template = get_object_or_404(MessageTemplate.objects.present().defer(*LARGE), pk=pk)
    is_favourite = parameters.text(request.POST, "on") == "1"
    if is_favourite:
        mark = TemplateFavourite(template=template, user=request.user)
        TemplateFavourite.objects.bulk_create([mark], ignore_conflicts=True)
    else:
        TemplateFavourite.objects.filter(template=template, user=request.user).delete()
    if request.htmx:
        return render(request, f"{FOLDER}/_star.html", {"template": template, "is_favourite": is_favourite})
    return back_to(request, "templates:index")


@require_POST
@access("templates.edit")
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Offer the template no longer. What uses it goes on."""
    template = _template(request, pk)
    if not template.is_archived:
        _put(template, timezone.now())
        audit.record(request.actor, "template.archived", template)
    messages.success(request, _("Template archived. It is no longer offered; campaigns that use it keep it."))
    return back_to(request, "templates:show", pk=pk)


@require_POST
@access("templates.edit")
def unarchive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    if template.is_archived:
        _put(template, None)
        audit.record(request.actor, "template.unarchived", template)
    messages.success(request, _("Template taken out of the archive."))
    return back_to(request, "templates:show", pk=pk)


@require_POST
@access("templates.edit")
def categorise(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put the template under another tab."""
    form = CategoryForm(request.POST, instance=_template(request, pk))
    if not form.is_valid():
        problems = [str(problem) for found in form.errors.values() for problem in found]
        messages.error(request, " ".join(problems))
    elif form.has_changed():
        form.instance.save(update_fields=["category"])
        audit.record(request.actor, "template.changed", form.instance)
        messages.success(request, _("Category saved."))
    return back_to(request, "templates:show", pk=pk)


def _template(request: WorkspaceRequest, pk: int) -> MessageTemplate:
    """An original: a translation is filed where that is."""
    originals = MessageTemplate.objects.present().filter(original=None)
    return get_object_or_404(locked_for_saving(request, originals.defer(*LARGE)), pk=pk)


def _put(template: MessageTemplate, archived_at: Any) -> None:
    template.archived_at = archived_at
    template.save(update_fields=["archived_at"])
