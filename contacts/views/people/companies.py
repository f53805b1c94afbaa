from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.people.company import CompanyForm
from contacts.groups import capped_counts
from contacts.models import Company, CompanyContact, Contact
from contacts.people import searching
from contacts.people.filtering import DELETED
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.forms import saved_once
from kernel.http import back_to
from kernel.pagination import paginate

MAX_PEOPLE = 200
TAKEN = gettext_lazy("Someone has just added a company with this name. Choose another name, or open that company.")


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    chosen = {name: parameters.text(request.GET, name, 200) for name in ("q", "status", "kind", "industry")}
    companies = Company.objects.deleted() if chosen["status"] == DELETED else Company.objects.present()
    if chosen["status"] in Company.Status.values:
        companies = companies.filter(status=chosen["status"])
    if chosen["kind"] in Company.Kind.values:
        companies = companies.filter(kind=chosen["kind"])
    if chosen["industry"]:
        companies = companies.filter(industry__iexact=chosen["industry"])
    if chosen["q"]:
        companies = companies.starting_with(" ".join(chosen["q"].split()))
    page = paginate(companies, order="name_key", cursor=parameters.cursor(request.GET))
    context = {
        "page": page,
        "sizes": capped_counts.of(CompanyContact, [company.pk for company in page.rows]),
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "statuses": [*Company.Status.choices, (DELETED, _("Deleted"))],
        "kinds": Company.Kind.choices,
    }
    return render(
        request,
        "contacts/people/companies/index.html#rows" if request.htmx else "contacts/people/companies/index.html",
        context,
    )


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid() and saved_once(form, "name", TAKEN):
        audit.record(request.actor, "company.created", form.instance)
        messages.success(request, _("Company added. Now add its contacts."))
        return back_to(request, "contacts:company", pk=form.instance.pk)
    return render(request, "contacts/people/companies/form.html", {"form": form})


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    company = get_object_or_404(Company, pk=pk)
    links = CompanyContact.objects.filter(company=company, contact__deleted_at=None).select_related("contact")
    query = parameters.text(request.GET, "who", 254)
    found = []
    if query:
        found = searching.search(Contact.objects.present(), query, country=request.workspace.country)[:8]
    context = {
        "company": company,
        "links": links.order_by("role", "contact_id")[: MAX_PEOPLE + 1],
        "most": MAX_PEOPLE,
        "roles": CompanyContact.Role.choices,
        "who": query,
        "found": found,
    }
    return render(
        request,
        "contacts/people/companies/_adding.html#found" if request.htmx else "contacts/people/companies/show.html",
        context,
    )


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    company = get_object_or_404(locked_for_saving(request, Company.objects.present()), pk=pk)
    form = CompanyForm(request.POST or None, instance=company, workspace=request.workspace)
    if request.method == "POST" and form.is_valid() and saved_once(form, "name", TAKEN):
        audit.record(request.actor, "company.changed", company, fields=form.changed_data)
        messages.success(request, _("Company saved."))
        return back_to(request, "contacts:company", pk=pk)
    return render(request, "contacts/people/companies/form.html", {"form": form, "company": company})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    company = get_object_or_404(Company.objects.present(), pk=pk)
    discard_on_page(request, company, "company.deleted", _("Company deleted. Its contacts are kept."))
    return back_to(request, "contacts:companies")
