from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.consent.suppression import BlockedDomainForm
from contacts.models import BlockedDomain
from kernel import parameters
from kernel.http import back_to
from kernel.pagination import paginate


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    context = {
        "page": paginate(BlockedDomain.objects.all(), order="domain", cursor=parameters.cursor(request.GET)),
        "form": BlockedDomainForm() if request.membership.may("contacts.edit") else None,
        "may_delete": request.membership.may("contacts.delete"),
    }
    return render(request, "contacts/consent/blocked_domains/index.html", context)


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = BlockedDomainForm(request.POST)
    if not form.is_valid():
        context = {
            "page": paginate(BlockedDomain.objects.all(), order="domain"),
            "form": form,
            "may_delete": request.membership.may("contacts.delete"),
        }
        return render(request, "contacts/consent/blocked_domains/index.html", context)
    blocked = form.save()
    audit.record(request.actor, "domain.blocked", blocked, domain=blocked.domain)
    messages.success(request, _("%(domain)s is now blocked.") % {"domain": blocked.domain})
    return back_to(request, "contacts:blocked_domains")


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    blocked = get_object_or_404(BlockedDomain, pk=pk)
    audit.record(request.actor, "domain.unblocked", blocked, domain=blocked.domain)
    blocked.delete()
    messages.success(request, _("%(domain)s is no longer blocked.") % {"domain": blocked.domain})
    return back_to(request, "contacts:blocked_domains")
