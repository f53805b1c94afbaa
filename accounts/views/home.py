from django.shortcuts import redirect

from accounts.access import signed_in
from accounts.models import Workspace
from kernel.links import workspace_url


@signed_in
def home(request):
    """The last workspace the person was in, else the first; a newcomer is asked for an organisation."""
    mine = Workspace.objects.of(request.user)
    workspace = mine.filter(slug=request.session.get("workspace", "")).first() or mine.first()
    if workspace is None:
        return redirect("new_workspace")
    return redirect(workspace_url(workspace, "campaigns:index"))
