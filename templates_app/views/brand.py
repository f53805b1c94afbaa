"""The brand: a form, and beside it what a message and a page for visitors would look like with it."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.models import SignupForm
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.forms import saved_once
from kernel.http import back_to
from kernel.jobs import enqueue
from kernel.links import workspace_url
from templates_app import previewing
from templates_app.blocks import branding, rendering, samples
from templates_app.brand import drafts, legibility
from templates_app.forms.brand import BrandForm
from templates_app.models import Brand, MessageTemplate

FOLDER = "templates_app/brand"
LOOKS = {"message": "templates:brand_message", "visitors": "templates:brand_visitors"}  # what the preview shows


@require_safe
@access("templates.view")
def show(request: WorkspaceRequest) -> HttpResponse:
    brand = Brand.of_workspace()
    return _page(request, BrandForm(instance=brand), brand)


@require_POST
@access("templates.edit")
def save(request: WorkspaceRequest) -> HttpResponse:
    stored = locked_for_saving(request, Brand.objects.all()).first()
    form = BrandForm(request.POST, instance=stored or Brand())
    if form.is_valid() and _kept(form, request):
        return back_to(request, "templates:brand")
    return _page(request, form, form.instance, query=drafts.query_of(request.POST))


def _kept(form: BrandForm, request: WorkspaceRequest) -> bool:
    """Save the brand, and let the templates follow it."""
    form.instance.edited_by = request.user
    taken = _("Someone else has saved the brand just now. Open the page again to see it.")
    if not saved_once(form, "name", taken):
        return False
    audit.record(request.actor, "brand.changed", form.instance, fields=form.changed_data)
    enqueue("templates_app.follow_brand")
    messages.success(request, _("Brand saved. Your templates follow in a moment."))
    return True


@require_POST
@access("templates.edit")
def draft(request: WorkspaceRequest) -> HttpResponse:
    """What the form would change: the preview's address, what can be read, what follows. Nothing is saved."""
    form = BrandForm(request.POST, instance=Brand.of_workspace(), is_draft=True)
    form.is_valid()  # what is wrong stays as it was
    context = _context(request, form.instance, query=drafts.query_of(request.POST), form=form)
    return render(request, f"{FOLDER}/_draft.html", context)


@require_safe
@access("templates.view")
def message(request: WorkspaceRequest) -> HttpResponse:
    """A message in the brand, or with what is in the address instead of it."""
    workspace = request.workspace
    look = branding.look_from(_drafted(request.GET), workspace, workspace.language)
    source = rendering.render(samples.document(workspace.language), look, workspace.language)
    html = previewing.render_html(source, previewing.values_for(workspace, None))
    if parameters.text(request.GET, "dark"):
        html = previewing.in_the_dark(html)
    return previewing.sandboxed(html, framed=True)


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@access("templates.view")
def visitors(request: WorkspaceRequest) -> HttpResponse:
    """A page as visitors would see it, for a frame."""
    with translation.override(request.workspace.language):
        context = {"sender": request.workspace, "brand": _drafted(request.GET)}
        return render(request, f"{FOLDER}/visitors.html", context)


def _drafted(given: QueryDict) -> Brand:
    brand = Brand.of_workspace()
    if "main" not in given:
        return brand
    form = BrandForm(given, instance=brand, is_draft=True)
    form.is_valid()
    return form.instance


def _page(request: WorkspaceRequest, form: BrandForm, brand: Brand, *, query: str = "") -> HttpResponse:
    return render(request, f"{FOLDER}/index.html", _context(request, brand, query=query, form=form))


def _context(request: WorkspaceRequest, brand: Brand, *, query: str, form: BrandForm) -> dict[str, Any]:
    shown = parameters.text(request.POST, "shown")
    shown = shown if shown in LOOKS else "message"
    is_dark = "dark" in request.POST
    found = legibility.of(brand)
    return {
        "form": form,
        "brand": brand,
        "colours": [(field, found.get(field.name)) for field in form.colours],
        "shapes": [form["button_style"], form["radius"]],
        "preview": f"{workspace_url(request.workspace, LOOKS[shown])}?{query}{'&dark=1' if is_dark else ''}",
        "shown": shown,
        "dark": is_dark,
        "is_changed": form.is_bound and form.has_changed(),
        **_following(),
    }


def _following() -> dict[str, int]:
    """How many there are of what a change of the brand changes, and of what it leaves alone."""
    present = MessageTemplate.objects.present()
    return {
        "following": present.filter(kind=MessageTemplate.Kind.BLOCKS).count(),
        "own_html": present.filter(kind=MessageTemplate.Kind.HTML).count(),
        "forms": SignupForm.objects.present().count(),
    }
