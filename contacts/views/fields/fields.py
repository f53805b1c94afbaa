from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.fields.field import FieldForm
from contacts.models import ContactField
from contacts.people import search_index
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "contacts/fields/index.html", {"fields": ContactField.objects.present()[:500]})


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = FieldForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        audit.record(request.actor, "field.created", form.save())
        messages.success(request, _("Field created. It now appears in every contact's form."))
        return back_to(request, "contacts:fields")
    return render(request, "contacts/fields/form.html", {"form": form})


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    own = get_object_or_404(locked_for_saving(request, ContactField.objects.present()), pk=pk)
    form = FieldForm(request.POST or None, instance=own, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        form.save()
        if {"is_searched", "kind"} & set(form.changed_data):
            search_index.index_anew(request.workspace.pk)
        audit.record(request.actor, "field.changed", own, fields=form.changed_data)
        messages.success(request, _("Field saved."))
        return back_to(request, "contacts:fields")
    saved = get_object_or_404(ContactField.objects.present(), pk=pk)
    return render(request, "contacts/fields/form.html", {"form": form, "field": saved})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The values stay in the contacts, hidden, until the field is purged."""
    own = get_object_or_404(ContactField.objects.present(), pk=pk)
    discard_on_page(request, own, "field.deleted", _("Field and its values deleted."))
    return back_to(request, "contacts:fields")
