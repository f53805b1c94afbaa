"""Sending a test of a template."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery.forms.send_test import TestSendForm
from delivery.send_tests import send_test
from kernel.http import back_to
from templates_app.models import MessageTemplate
from templates_app.views.previews import chosen_contact


@access("campaigns.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    form = TestSendForm(request.POST or None, initial={"to": request.user.email})
    if request.method == "POST" and form.is_valid():
        contact = chosen_contact(request)
        batch = send_test(
            name=_("Test: %(template)s") % {"template": template.name},
            subject=template.name,
            template=template,
            as_contact=contact.pk if contact else None,
            workspace=request.workspace,
            **form.cleaned_data,
        )
        audit.record(request.actor, "test.sent", batch)
        messages.success(request, _("Test sent to %(to)s.") % form.cleaned_data)
        return back_to(request, "templates:show", pk=template.pk)
    return render(request, "delivery/send_tests/form.html", {"form": form, "template": template})
