"""Invitations: offer, accept, revoke; and how members come and go."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actors, audit, emails, mail_limits
from accounts.access import PERMISSIONS, Role, may_grant
from accounts.actors import Actor
from accounts.models import Invitation, Membership, User, Workspace
from kernel.tenancy import across_workspaces, require_workspace_id, scope, through_engine


class Refused(Exception):
    """It can't be done; the message is for the person who asked."""


def invite(actor: Actor, email: str, role: str) -> Invitation:
    """Offer a role to an address. A second invitation to it replaces the first one's token. Raises Refused."""
    email = email.strip().lower()
    if not may_grant(actor.role, role):
        raise Refused(_("You can't assign a role above your own."))
    if Membership.objects.filter(workspace_id=require_workspace_id(), user__email=email).exists():
        raise Refused(_("This person is already a member."))
    with through_engine():
        found = Invitation.objects.select_for_update().filter(email=email, accepted_at=None, revoked_at=None).first()
        if found is not None and found.is_open:
            _check_reach_of_invitation(actor, found)
        invitation = found or Invitation(email=email)
        invitation.role, invitation.invited_by = role, actor.user
        if not mail_limits.may_invite(actor.user, email):
            raise Refused(_("Too many invitations were sent in the last hour. Try again later."))
        token = invitation.renew()
        invitation.save()
        audit.record(actor, "invitation.sent", invitation, role=role)
    emails.invitation(invitation, token)
    return invitation


def find(token: str) -> Invitation | None:
    """The good invitation behind a token, whichever workspace it is for."""
    with across_workspaces("an invitation's token names no workspace"):
        invitation = (
            Invitation.objects.select_related("workspace", "invited_by")
            .filter(token_hash=Invitation.hash(token))
            .first()
        )
    return invitation if invitation and invitation.is_open and _inviter_may(invitation) else None


def accept(actor: Actor, token: str) -> Membership:
    """Make the signed-in person a member. Raises Refused."""
    invitation = find(token)
    if invitation is None:
        raise Refused(_("This invitation has expired or has already been used. Ask for a new one."))
    if actor.user is None or invitation.email != actor.user.email.lower():
        raise Refused(_("This invitation is for another address. Log in with the address it was sent to."))
    with scope(invitation.workspace_id), through_engine():
        # Single use: of two requests at once, one updates the row and the other finds it taken.
        taken = Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
        if not taken or not _inviter_may(invitation):
            raise Refused(_("This invitation has expired or has already been used. Ask for a new one."))
        membership, _created = Membership.objects.get_or_create(
            workspace_id=invitation.workspace_id, user=actor.user, defaults={"role": invitation.role}
        )
        audit.record(actor, "invitation.accepted", invitation, role=invitation.role)
    return membership


def revoke(actor: Actor, invitation: Invitation) -> None:
    """Raises Refused where its role is out of reach."""
    _check_reach_of_invitation(actor, invitation)
    with through_engine():
        _revoke(actor, invitation)


def change_role(actor: Actor, membership: Membership, role: str) -> None:
    """Raises Refused where the role is out of reach or the last owner would be gone."""
    _check_reach(actor, membership)
    if not may_grant(actor.role, role):
        raise Refused(_("You can't assign a role above your own."))
    before = membership.role
    with through_engine():
        if before == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(membership)
        membership.role = role
        membership.save(update_fields=["role"])
        audit.record(actor, "member.role_changed", membership, before=before, after=role)
        _revoke_invitations_out_of_reach(actor, membership.user_id, role)


def remove(actor: Actor, membership: Membership) -> None:
    """Take a member out, or leave oneself. Raises Refused."""
    leaving = actor.user is not None and membership.user_id == actor.user.pk
    if not leaving:
        _check_reach(actor, membership)
    with through_engine():
        if membership.is_owner:
            _keep_an_owner(membership)
        audit.record(actor, "member.left" if leaving else "member.removed", membership)
        _revoke_invitations_out_of_reach(actor, membership.user_id, None)
        membership.delete()


def _check_reach(actor: Actor, membership: Membership) -> None:
    if not may_grant(actor.role, membership.role):
        raise Refused(_("You can't change a member whose role is above yours."))


def _check_reach_of_invitation(actor: Actor, invitation: Invitation) -> None:
    if not may_grant(actor.role, invitation.role):
        raise Refused(_("You can't change an invitation whose role is above yours."))


def _inviter_may(invitation: Invitation) -> bool:
    """Whether who invited is still a member who may invite for this role: an invitation is no better than they are."""
    inviter = (
        Membership.objects.filter(
            workspace=invitation.workspace_id, user=invitation.invited_by_id, user__is_active=True
        )
        .values_list("role", flat=True)
        .first()
    )
    return inviter in PERMISSIONS["members.manage"] and may_grant(inviter, invitation.role)


def _revoke_invitations_out_of_reach(actor: Actor, inviter_id: int, role: str | None) -> None:
    """Of what this person offered, revoke what they may no longer offer with their new role; all, where they leave."""
    for invitation in Invitation.objects.open().filter(invited_by=inviter_id):
        if role not in PERMISSIONS["members.manage"] or not may_grant(role, invitation.role):
            _revoke(actor, invitation)


def _revoke(actor: Actor, invitation: Invitation) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    audit.record(actor, "invitation.revoked", invitation)


def _keep_an_owner(membership: Membership) -> None:
    """Lock all owners of the workspace, so that two of them leaving at once can't leave none."""
    owners = Membership.objects.select_for_update().filter(workspace_id=membership.workspace_id, role=Role.OWNER)
    if [owner.pk for owner in owners] == [membership.pk]:
        raise Refused(_("A workspace needs at least one owner. Make someone else an owner first."))


def people_of(workspace: Workspace) -> list[Membership]:
    return list(workspace.memberships.select_related("user").order_by("user__name", "user__email"))


def open_workspace(user: User, **fields: Any) -> Workspace:
    """Create a workspace with this person as its owner."""
    workspace = Workspace.objects.create(slug=Workspace.free_slug(fields["name"]), **fields)
    with scope(workspace), through_engine():
        Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        audit.record(actors.person(user), "workspace.opened", workspace)
    return workspace
