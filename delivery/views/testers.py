"""Addresses outside the workspace that get tests."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery import testers
from delivery.forms.tester import TesterForm
from delivery.models import Tester
from kernel.http import back_to


@access("campaigns.edit")
def index(request: WorkspaceRequest) -> HttpResponse:
    """The list; POST asks one more address."""
    form = TesterForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _ask(request, form):
        return back_to(request, "delivery:testers")
    context = {"form": form, "testers": Tester.objects.select_related("added_by")}
    return render(request, "delivery/testers/index.html", context)


def _ask(request: WorkspaceRequest, form: TesterForm) -> bool:
    address = form.cleaned_data["email"]
    try:
        with transaction.atomic():
            tester = testers.ask(request.actor, request.workspace, address)
    except testers.Refused as refusal:
        form.add_error("email", str(refusal))
        return False
    said = _("%(email)s gets tests already.") if tester.confirmed_at else _("We asked %(email)s to confirm.")
    messages.success(request, said % {"email": address})
    return True


@require_POST
@access("campaigns.edit")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    tester = get_object_or_404(Tester, pk=pk)
    audit.record(request.actor, "tester.removed", tester)
    testers.forget(tester)
    messages.success(request, _("Address removed."))
    return back_to(request, "delivery:testers")
