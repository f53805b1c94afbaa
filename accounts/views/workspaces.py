from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit, switching
from accounts.access import access, signed_in
from accounts.events import InactivityChanged
from accounts.forms.workspace import WorkspaceForm
from accounts.models import Workspace
from accounts.requests import MemberRequest, WorkspaceRequest
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.events import publish
from kernel.http import back_to
from kernel.links import workspace_url


@access("workspace.manage")
def edit(request: WorkspaceRequest) -> HttpResponse:
    workspace = request.workspace
    if request.method == "POST":
        workspace = locked_for_saving(request, Workspace.objects.filter(pk=workspace.pk)).get()
    form = WorkspaceForm(request.POST or None, instance=workspace)
    if request.method == "POST" and form.is_valid():
        form.save()
        if "inactive_months" in form.changed_data:
            publish(InactivityChanged(workspace_id=request.workspace.pk))
        audit.record(request.actor, "workspace.changed", request.workspace, fields=form.changed_data)
        messages.success(request, _("Settings saved."))
        return back_to(request, "settings:workspace")
    return render(request, "accounts/workspaces/edit.html", {"form": form})


@signed_in
def find(request: MemberRequest) -> HttpResponse:
    """The workspaces to switch to that match a search text: below the switcher's field, or a page where no script runs.
    There, a single match is opened at once."""
    query = parameters.text(request.GET, "q")
    choice = switching.found(request.user, query) if query else switching.offered(request, request.user)
    if query and not request.htmx and len(choice.workspaces) == 1:
        return redirect(workspace_url(choice.workspaces[0], "campaigns:index"))
    template = "accounts/workspaces/_choices.html" if request.htmx else "accounts/workspaces/find.html"
    return render(request, template, {"choice": choice, "q": query})


@require_POST
@signed_in
def switch(request: MemberRequest, slug: str) -> HttpResponse:
    """Go to a workspace and remember it for the next visit. Without a membership there, go to the home page."""
    workspace = Workspace.objects.of(request.user).filter(slug=slug).first()
    if workspace is None:
        return redirect("home")
    switching.remember(request, workspace)
    return redirect(workspace_url(workspace, "campaigns:index"))
