from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.access import signed_in
from accounts.models import Workspace
from accounts.requests import MemberRequest
from kernel.links import workspace_url


@signed_in
def home(request: MemberRequest) -> HttpResponse:
    """Go to the workspace used last, else to the first one. New people are asked for their organisation."""
    mine = Workspace.objects.of(request.user)
    workspace = mine.filter(slug=request.session.get("workspace", "")).first() or mine.first()
    if workspace is None:
        return redirect("new_workspace")
    return redirect(workspace_url(workspace, "campaigns:index"))
