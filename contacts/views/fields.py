from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from contacts import bulk
from contacts.fields import segments_using
from contacts.forms.field import FieldForm
from contacts.models import BulkAction, ContactField
from kernel.http import back_to


@access("contacts.view")
def index(request):
    return render(request, "contacts/fields/index.html", {"fields": ContactField.objects.all()[:500]})


@access("contacts.edit")
def create(request):
    form = FieldForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        audit.record(request, "field.created", form.save())
        messages.success(request, _("Field made. It is in every contact's form now."))
        return back_to(request, "contacts:fields")
    return render(request, "contacts/fields/form.html", {"form": form})


@access("contacts.edit")
def edit(request, pk):
    own = get_object_or_404(ContactField.objects.select_for_update(), pk=pk)
    form = FieldForm(request.POST or None, instance=own, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.record(request, "field.changed", own, fields=form.changed_data)
        messages.success(request, _("Field saved."))
        return back_to(request, "contacts:fields")
    return render(request, "contacts/fields/form.html", {"form": form, "field": get_object_or_404(ContactField, pk=pk)})


@access("contacts.delete")
def delete(request, pk):
    """Asks on a page of its own, which says who uses the field; then the values go in the background."""
    own = get_object_or_404(ContactField, pk=pk)
    used_by = segments_using(own)
    if request.method != "POST" or used_by:
        return render(request, "contacts/fields/delete.html", {"field": own, "used_by": used_by})
    audit.record(request, "field.deleted", own, name=own.name)
    bulk.start(request, BulkAction.Verb.DELETE_FIELD, {"field": own.name, "name": own.label})
    own.delete()
    messages.success(request, _("Field deleted. Its values are being taken out of the contacts."))
    return back_to(request, "contacts:fields")
