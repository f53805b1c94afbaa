from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access, signed_in
from accounts.events import InactivityChanged
from accounts.forms.workspace import WorkspaceForm
from accounts.models import Workspace
from accounts.requests import MemberRequest, WorkspaceRequest
from kernel.events import publish
from kernel.http import back_to
from kernel.links import workspace_url


@access("workspace.manage")
def edit(request: WorkspaceRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None, instance=request.workspace)
    if request.method == "POST" and form.is_valid():
        form.save()
        if "inactive_months" in form.changed_data:
            publish(InactivityChanged(workspace_id=request.workspace.pk))
        audit.record(request.actor, "workspace.changed", request.workspace, fields=form.changed_data)
        messages.success(request, _("Settings saved."))
        return back_to(request, "settings:workspace")
    return render(request, "accounts/workspaces/edit.html", {"form": form})


@require_POST
@signed_in
def switch(request: MemberRequest, slug: str) -> HttpResponse:
    """Go to a workspace and remember it for the next visit. Without a membership there, go to the home page."""
    workspace = Workspace.objects.of(request.user).filter(slug=slug).first()
    if workspace is None:
        return redirect("home")
    request.session["workspace"] = workspace.slug
    return redirect(workspace_url(workspace, "campaigns:index"))
