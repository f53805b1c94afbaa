from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import inviting
from accounts.access import PERMISSION_LABELS, PERMISSIONS, RANK, access
from accounts.forms.members import InvitationForm, RoleForm, roles_for
from accounts.models import Invitation
from accounts.requests import WorkspaceRequest
from kernel.http import back_to


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    may_manage = request.membership.may("members.manage")
    rights = [(text, [role in PERMISSIONS[name] for role in RANK]) for name, text in PERMISSION_LABELS.items()]
    context = {
        "people": inviting.people_of(request.workspace),
        "invitations": Invitation.objects.open().select_related("invited_by") if may_manage else [],
        "form": InvitationForm(granter=request.membership) if may_manage else None,
        "role_choices": roles_for(request.membership),
        "roles": RANK,
        "rights": rights,
    }
    return render(request, "accounts/members/index.html", context)


@require_POST
@access("members.manage")
def change_role(request: WorkspaceRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(request.workspace.memberships, pk=pk)
    form = RoleForm(request.POST, granter=request.membership)
    if not form.is_valid():
        messages.error(request, _("Choose a role from the list."))
        return back_to(request, "members:index")
    return _try(request, _("Role changed."), inviting.change_role, request.actor, membership, form.cleaned_data["role"])


@require_POST
@access("members.manage")
def remove(request: WorkspaceRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(request.workspace.memberships, pk=pk)
    return _try(request, _("Member removed."), inviting.remove, request.actor, membership)


@require_POST
@access("workspace.view")
def leave(request: WorkspaceRequest) -> HttpResponse:
    try:
        inviting.remove(request.actor, request.membership)
    except inviting.Refused as refusal:
        messages.error(request, str(refusal))
        return back_to(request, "members:index")
    messages.success(request, _("You've left %(workspace)s.") % {"workspace": request.workspace.name})
    return redirect("home")


def _try(request: WorkspaceRequest, done: str, act: Callable, *args) -> HttpResponse:
    try:
        act(*args)
        messages.success(request, done)
    except inviting.Refused as refusal:
        messages.error(request, str(refusal))
    return back_to(request, "members:index")
