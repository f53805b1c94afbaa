"""A person's legal rights: the consent receipt, a copy of their data, and erasure."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.consent import receipt_pdf, receipts
from contacts.forms.privacy.erasure import ErasureForm
from contacts.models import Contact
from contacts.privacy import erasure, subject_data
from kernel.http import back_to


@access("contacts.view")
def receipt_json(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact, pk=pk)
    data = receipts.receipt(contact, request.workspace)
    body = receipts.as_json(data, timezone.now())
    return _file(body, "application/json", f"consent-{contact.pk}.json")


@access("contacts.view")
def receipt_as_pdf(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact, pk=pk)
    data = receipts.receipt(contact, request.workspace)
    return _file(receipt_pdf.as_pdf(data, timezone.localtime()), "application/pdf", f"consent-{contact.pk}.pdf")


@access("contacts.export")
def data_json(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.filter(erased_at=None), pk=pk)
    audit.record(request.actor, "contact.data_given", contact, format="json")
    return _file(subject_data.as_json(contact), "application/json", f"person-{contact.pk}.json")


@access("contacts.export")
def data_zip(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.filter(erased_at=None), pk=pk)
    audit.record(request.actor, "contact.data_given", contact, format="zip")
    return _file(subject_data.as_zip(contact), "application/zip", f"person-{contact.pk}.zip")


@access("contacts.delete")
def erase(request: WorkspaceRequest, pk: int) -> HttpResponse:
    people = Contact.objects.filter(erased_at=None, merged_into_id=None)
    if request.method == "POST":
        people = people.select_for_update()
    contact = get_object_or_404(people, pk=pk)
    form = ErasureForm(request.POST or None, handle=contact.handle)
    if request.method == "POST" and form.is_valid():
        erasure.erase(contact)
        audit.record(request.actor, "contact.erased", contact)
        messages.success(request, _("This person has been erased. No import can add them again."))
        return back_to(request, "contacts:index")
    return render(request, "contacts/privacy/erasures/form.html", {"contact": contact, "form": form})


def _file(body: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
