from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actors, inviting, switching
from accounts.access import access
from accounts.forms.members import InvitationForm
from accounts.models import Invitation
from accounts.requests import WorkspaceRequest
from kernel.http import back_to, public
from kernel.links import workspace_url


@require_POST
@access("members.manage")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = InvitationForm(request.POST, granter=request.membership)
    if not form.is_valid():
        messages.error(request, _("Enter an e-mail address, such as ana@example.com, and choose a role."))
        return back_to(request, "members:index")
    try:
        inviting.invite(request.actor, form.cleaned_data["email"], form.cleaned_data["role"])
        messages.success(request, _("Invitation sent to %(email)s.") % form.cleaned_data)
    except inviting.Refused as refusal:
        messages.error(request, str(refusal))
    return back_to(request, "members:index")


@require_POST
@access("members.manage")
def revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    try:
        inviting.revoke(request.actor, get_object_or_404(Invitation.objects.open(), pk=pk))
        messages.success(request, _("Invitation revoked."))
    except inviting.Refused as refusal:
        messages.error(request, str(refusal))
    return back_to(request, "members:index")


@public
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the mail. Only POST accepts, so that a link scanner accepts nothing."""
    invitation = inviting.find(token)
    if invitation is None:
        return render(request, "accounts/invitations/gone.html", status=404)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            membership = inviting.accept(actors.of_request(request), token)
        except inviting.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path)
        switching.remember(request, membership.workspace)
        return redirect(workspace_url(membership.workspace, "campaigns:index"))
    if not request.user.is_authenticated:
        request.session["invited"] = True
    return render(request, "accounts/invitations/show.html", {"invitation": invitation})
