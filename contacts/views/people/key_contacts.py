"""The contacts who act for a company."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.people.company import RoleForm
from contacts.models import Company, CompanyContact, Contact
from kernel.http import back_to


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int, contact: int) -> HttpResponse:
    company = get_object_or_404(Company.objects.present(), pk=pk)
    person = get_object_or_404(Contact.objects.present(), pk=contact)
    CompanyContact.objects.get_or_create(company=company, contact=person)
    audit.record(request.actor, "company.joined", company, contact=person.pk)
    messages.success(request, _("%(name)s added to this company.") % {"name": person})
    return back_to(request, "contacts:company", pk=pk)


@require_POST
@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int, contact: int) -> HttpResponse:
    """Change the role."""
    link = get_object_or_404(CompanyContact, company_id=pk, contact_id=contact)
    form = RoleForm(request.POST, instance=link)
    if form.is_valid():
        link.import_id = None  # a member chose the role: undoing the import does not remove it
        form.save()
        audit.record(request.actor, "company.role", link.company, contact=contact, role=link.role)
        messages.success(request, _("Role saved."))
    else:
        messages.error(request, _("Choose one of the roles."))
    return back_to(request, "contacts:company", pk=pk)


@require_POST
@access("contacts.edit")
def delete(request: WorkspaceRequest, pk: int, contact: int) -> HttpResponse:
    link = get_object_or_404(CompanyContact, company_id=pk, contact_id=contact)
    audit.record(request.actor, "company.left", link.company, contact=contact)
    link.delete()
    messages.success(request, _("Removed from the company. The contact itself is kept."))
    return back_to(request, "contacts:company", pk=pk)
