from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.models import Workspace
from accounts.requests import WorkspaceRequest
from delivery.channels.email.sender_form import SenderForm
from delivery.models import ProviderAccount, Sender
from kernel.http import back_to


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "delivery/senders/index.html", {"senders": Sender.objects.present()})


@access("sending.manage")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = SenderForm(request.POST or None, initial={"name": request.workspace.name, "email": request.user.email})
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "sender.created", form.instance)
        messages.success(request, _("Sender added."))
        return back_to(request, "delivery:senders")
    return render(request, "delivery/senders/form.html", {"form": form})


@access("sending.manage")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    sender = get_object_or_404(Sender.objects.present(), pk=pk)
    form = SenderForm(request.POST or None, instance=sender)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "sender.changed", sender)
        messages.success(request, _("Sender saved."))
        return back_to(request, "delivery:senders")
    return render(request, "delivery/senders/form.html", {"form": form, "sender": sender})


@require_POST
@access("sending.manage")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    sender = get_object_or_404(Sender.objects.present(), pk=pk)
    discard_on_page(request, sender, "sender.deleted", _("Sender deleted."))
    return back_to(request, "delivery:senders")


@access("sending.manage")
def welcome(request: WorkspaceRequest) -> HttpResponse:
    """The last step of onboarding: a first sender, and the sandbox to try things out."""
    form = SenderForm(request.POST or None, initial={"name": request.workspace.name, "email": request.user.email})
    if request.method == "POST" and form.saved():
        if not ProviderAccount.objects.present().exists():
            ProviderAccount.objects.create(name=_("Sandbox"), provider="sandbox", is_default=True)
        request.workspace.onboarding = Workspace.Step.DONE
        request.workspace.save(update_fields=["onboarding"])
        audit.record(request.actor, "workspace.ready", request.workspace)
        messages.success(request, _("Welcome! Start by importing your contacts."))
        return back_to(request, "campaigns:index")
    return render(request, "accounts/onboarding/sender.html", {"form": form, "step": 3})
