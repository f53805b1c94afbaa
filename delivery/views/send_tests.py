"""Sending a test: of a template, and, for the app above, of a campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery import send_tests, testers
from delivery.forms.send_test import TemplateTestForm, TestForm
from kernel.http import back_to
from templates_app.models import MessageTemplate
from templates_app.views.previews import chosen_contact


@access("campaigns.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    form = TemplateTestForm(request.POST or None, person=request.user, channel=template.channel)
    content = {"name": template.name, "subject": template.name, "template": template}
    return page(request, form, back="templates:show", pk=pk, **content)


def page(request: WorkspaceRequest, form: TestForm, *, back: str, pk: int, **content: Any) -> HttpResponse:
    """Show the form; on POST, send the test and go back to the page `back`. `content` and what the form asks are the
    arguments of send_tests.send_test."""
    contact = chosen_contact(request)
    if request.method == "POST" and form.is_valid():
        words = {**content, **form.cleaned_data, "as_contact": contact.pk if contact else None}
        words["name"] = _("Test: %(template)s") % {"template": content["name"]}
        addresses = words.pop("to")
        try:
            with transaction.atomic():  # to all of them, or to none
                for to in addresses:
                    send_tests.ask_for(request.actor, to=to, workspace=request.workspace, **words)
        except testers.Refused as refusal:
            form.add_error("to", str(refusal))
        else:
            messages.success(request, _("Test sent to %(to)s.") % {"to": ", ".join(addresses)})
            return back_to(request, back, pk=pk)
    context = {"form": form, "of": content["name"], "back": back, "pk": pk, "contact": contact}
    return render(request, "delivery/send_tests/form.html", context)
