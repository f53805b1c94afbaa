"""Seed lists: addresses under a name, to which tests go together."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from delivery.forms.seed_list import SeedListForm
from delivery.models import SeedList
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to


@access("campaigns.edit")
def index(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "delivery/seed_lists/index.html", {"seed_lists": SeedList.objects.present()})


@access("campaigns.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = SeedListForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        return _save(request, form, "seed_list.created")
    return render(request, "delivery/seed_lists/form.html", {"form": form})


@access("campaigns.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    seed_list = get_object_or_404(locked_for_saving(request, SeedList.objects.present()), pk=pk)
    form = SeedListForm(request.POST or None, instance=seed_list, person=request.user)
    if request.method == "POST" and form.is_valid():
        return _save(request, form, "seed_list.changed")
    return render(request, "delivery/seed_lists/form.html", {"form": form, "seed_list": seed_list})


def _save(request: WorkspaceRequest, form: SeedListForm, verb: str) -> HttpResponse:
    audit.record(request.actor, verb, form.save())
    messages.success(request, _("Seed list saved."))
    return back_to(request, "delivery:seed_lists")


@require_POST
@access("campaigns.edit")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    seed_list = get_object_or_404(SeedList.objects.present(), pk=pk)
    discard_on_page(request, seed_list, "seed_list.deleted", _("Seed list deleted."))
    return back_to(request, "delivery:seed_lists")
