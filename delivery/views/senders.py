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
from delivery import registry
from delivery.channels.channel import SenderForm
from delivery.models import ProviderAccount, Sender
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    senders = [(sender, registry.channel(sender.channel).sender_details(sender)) for sender in Sender.objects.present()]
    return render(
        request, "delivery/senders/index.html", {"senders": senders, "other_channels": registry.other_channels()}
    )


@access("sending.manage")
def create(request: WorkspaceRequest) -> HttpResponse:
    channel = parameters.text(request.GET, "channel", 20)
    form = _form_of_new(request, channel if channel in registry.CHANNELS else registry.FIRST)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "sender.created", form.instance)
        messages.success(request, _("Sender added."))
        return back_to(request, "delivery:senders")
    return render(request, "delivery/senders/form.html", {"form": form})


def _form_of_new(request: WorkspaceRequest, channel: str) -> SenderForm:
    initial = {"name": request.workspace.name, "email": request.user.email}
    form = registry.channel(channel).sender_form
    return form(request.POST or None, instance=Sender(channel=channel), initial=initial)


@access("sending.manage")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    sender = get_object_or_404(locked_for_saving(request, Sender.objects.present()), pk=pk)
    form = registry.channel(sender.channel).sender_form(request.POST or None, instance=sender)
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
    form = _form_of_new(request, registry.FIRST)
    if request.method == "POST" and form.saved():
        if not ProviderAccount.objects.present().exists():
            account = ProviderAccount(name=_("Sandbox"), provider="sandbox")
            account.channels = list(account.kind.channels)
            account.save()
            account.make_default()
        request.workspace.onboarding = Workspace.Step.DONE
        request.workspace.save(update_fields=["onboarding"])
        audit.record(request.actor, "workspace.ready", request.workspace)
        messages.success(request, _("Welcome! Start by importing your contacts."))
        return back_to(request, "campaigns:index")
    return render(request, "accounts/onboarding/sender.html", {"form": form, "step": 3})
