"""Three steps from a new account to a first message: organisation, time zone and language, first sender.

The third step (`welcome:sender`) is a view of delivery, because this app does not know senders.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import audit, countries, switching
from accounts.access import access, signed_in
from accounts.forms.workspace import LocaleForm, OrganisationForm
from accounts.inviting import open_workspace
from accounts.models import Workspace
from accounts.requests import MemberRequest, WorkspaceRequest
from kernel.http import back_to
from kernel.links import workspace_url


@signed_in
def organisation(request: MemberRequest) -> HttpResponse:
    initial = {"country": countries.of_browser(request.headers.get("Accept-Language", ""))}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        workspace = open_workspace(request.user, language=request.user.language or "en", **form.cleaned_data)
        switching.remember(request, workspace)
        return redirect(workspace_url(workspace, "welcome:locale"))
    return render(request, "accounts/onboarding/organisation.html", {"form": form, "step": 1})


@access("workspace.manage")
def locale(request: WorkspaceRequest) -> HttpResponse:
    form = LocaleForm(request.POST or None, instance=request.workspace)
    if request.method == "POST" and form.is_valid():
        workspace = form.save(commit=False)
        if workspace.onboarding == Workspace.Step.LOCALE:
            workspace.onboarding = Workspace.Step.SENDER
        workspace.save()
        audit.record(request.actor, "workspace.changed", workspace, fields=form.changed_data)
        return back_to(request, "welcome:sender")
    return render(request, "accounts/onboarding/locale.html", {"form": form, "step": 2})
