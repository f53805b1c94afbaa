from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.access import signed_in
from accounts.models import Workspace
from accounts.requests import MemberRequest
from kernel.links import workspace_url


@signed_in
def home(request: MemberRequest) -> HttpResponse:
    """Go to the workspace used last, else to the first one; to one whose onboarding is unfinished only where there is
    no other, so that it never stands in the way to them. New people are asked for their organisation."""
    mine = Workspace.objects.of(request.user)
    finished = mine.filter(onboarding=Workspace.Step.DONE)
    used_last = request.session.get("workspace", "")
    workspace = finished.filter(slug=used_last).first() or finished.first() or mine.first()
    if workspace is None:
        return redirect("new_workspace")
    return redirect(workspace_url(workspace, "campaigns:index"))
