"""A template as a person would see it, the merge tags it can use, and sending a test of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import merge_values
from contacts.models import Contact, ContactField
from contacts.people import searching
from delivery import composing, previewing
from delivery.forms.send_test import TestSendForm
from delivery.send_tests import send_test
from kernel.http import back_to
from templates_app.models import MessageTemplate


def _contact(request: WorkspaceRequest) -> Contact | None:
    chosen = request.GET.get("contact", "") or request.POST.get("contact", "")
    return Contact.objects.present().filter(pk=int(chosen)).first() if chosen.isdigit() else None


@require_safe
@access("templates.view")
def html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The merged HTML alone, for a sandboxed frame."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    values = previewing.values_for(request.workspace, _contact(request))
    page = previewing.render_html(template.html, values)
    if request.GET.get("dark"):
        page = page.replace("(prefers-color-scheme: dark)", "all").replace("(prefers-color-scheme:dark)", "all")
    return previewing.sandboxed(page, framed=True)


@access("templates.view")
def text(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    values = previewing.values_for(request.workspace, _contact(request))
    return render(request, "delivery/previews/_text.html", {"text": previewing.render_text(template.text_part, values)})


@access("templates.view")
def people(request: WorkspaceRequest) -> HttpResponse:
    """Contacts to preview the template as, found while typing."""
    query = request.GET.get("who", "").strip()
    contacts = Contact.objects.present()
    found = searching.search(contacts, query)[:8] if query else list(contacts.order_by("id")[:8])
    return render(request, "delivery/previews/_people.html", {"people": found, "template": request.GET.get("template")})


@access("templates.view")
def merge_tags(request: WorkspaceRequest) -> HttpResponse:
    context = {"tags": [*merge_values.NAMES, *composing.OF_MESSAGE], "fields": ContactField.objects.present()}
    return render(request, "delivery/previews/_merge_tags.html", context)


@access("campaigns.edit")
def test_send(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    form = TestSendForm(request.POST or None, initial={"to": request.user.email})
    if request.method == "POST" and form.is_valid():
        contact = _contact(request)
        batch = send_test(
            name=_("Test: %(template)s") % {"template": template.name},
            subject=_("[Test] %(template)s") % {"template": template.name},
            template=template,
            as_contact=contact.pk if contact else None,
            workspace=request.workspace,
            **form.cleaned_data,
        )
        audit.record(request.actor, "test.sent", batch)
        messages.success(request, _("Test sent to %(to)s.") % form.cleaned_data)
        return back_to(request, "templates:show", pk=template.pk)
    return render(request, "delivery/previews/test_send.html", {"form": form, "template": template})
