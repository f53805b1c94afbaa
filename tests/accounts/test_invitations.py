"""An invitation reaches no higher than who sent it, and is good only as long as they may invite."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts import inviting
from accounts.access import Role
from accounts.actors import member
from accounts.models import AuditEntry, Invitation, Membership
from kernel.tenancy import scope
from tests.conftest import make_user


@pytest.fixture
def admin(acme, bob):
    acme.memberships.filter(user=bob).update(role=Role.ADMIN)
    return bob


@pytest.fixture
def dora(db):
    return make_user("dora@new.example", "Dora")


def invite(acme, inviter, email: str, role: str) -> str:
    """The token of the mail."""
    with scope(acme):
        inviting.invite(member(acme.memberships.get(user=inviter)), email, role)
    return re.search(r"/invitations/([\w-]+)/", mail.outbox[-1].body)[1]


def invitation(acme) -> Invitation:
    with scope(acme):
        return Invitation.objects.get()


def test_an_admin_can_not_change_or_revoke_an_owners_invitation_of_an_owner(acme, alice, admin, as_user, dora):
    token = invite(acme, alice, dora.email, "owner")
    client = as_user(admin)
    page = client.post("/w/acme/members/invitations/", {"email": dora.email, "role": "viewer"}, follow=True)
    assert "above yours" in page.content.decode()
    page = client.post(f"/w/acme/members/invitations/{invitation(acme).pk}/revoke/", follow=True)
    assert "above yours" in page.content.decode()
    assert invitation(acme).is_open and invitation(acme).role == Role.OWNER and len(mail.outbox) == 1
    as_user(dora).post(f"/invitations/{token}/")
    assert acme.memberships.get(user=dora).role == Role.OWNER


def test_an_admin_changes_and_revokes_invitations_within_reach(acme, alice, admin, as_user, dora):
    invite(acme, alice, dora.email, "manager")
    client = as_user(admin)
    client.post("/w/acme/members/invitations/", {"email": dora.email, "role": "viewer"})
    assert invitation(acme).role == Role.VIEWER
    client.post(f"/w/acme/members/invitations/{invitation(acme).pk}/revoke/")
    assert not invitation(acme).is_open


@pytest.mark.parametrize("fall", ["removed", "demoted", "left"])
def test_the_invitation_of_somebody_who_may_no_longer_invite_is_revoked(acme, alice, admin, as_user, dora, fall):
    token = invite(acme, admin, dora.email, "admin")
    fallen = acme.memberships.get(user=admin)
    if fall == "left":
        as_user(admin).post("/w/acme/members/leave/")
    elif fall == "removed":
        as_user(alice).post(f"/w/acme/members/{fallen.pk}/remove/")
    else:
        as_user(alice).post(f"/w/acme/members/{fallen.pk}/role/", {"role": "manager"})
    client = as_user(dora)
    assert client.get(f"/invitations/{token}/").status_code == 404
    assert client.post(f"/invitations/{token}/").status_code == 404
    assert not acme.memberships.filter(user=dora).exists()
    assert not invitation(acme).is_open, "it is not shown as pending"
    with scope(acme):
        assert AuditEntry.objects.filter(verb="invitation.revoked").count() == 1


@pytest.mark.parametrize("fall", ["membership deleted", "role lowered", "account closed", "account deleted"])
def test_an_invitation_is_bad_however_its_inviter_lost_the_right(acme, admin, dora, as_user, fall):
    """In the admin, by a command, by hand."""
    token = invite(acme, admin, dora.email, "viewer")
    assert Client().get(f"/invitations/{token}/").status_code == 200
    if fall == "membership deleted":
        Membership.objects.filter(user=admin).delete()
    elif fall == "role lowered":
        Membership.objects.filter(user=admin).update(role=Role.OPERATOR)
    elif fall == "account closed":
        type(admin).objects.filter(pk=admin.pk).update(is_active=False)
    else:
        with scope(acme):
            Invitation.objects.update(invited_by=None)
    as_user(dora).post(f"/invitations/{token}/")
    assert not acme.memberships.filter(user=dora).exists()


def test_an_owner_who_becomes_an_admin_keeps_invitations_of_admins_only(acme, alice, admin):
    acme.memberships.filter(user=admin).update(role=Role.OWNER)
    invite(acme, admin, "o@new.example", "owner")
    invite(acme, admin, "a@new.example", "admin")
    with scope(acme):
        actor, fallen = member(acme.memberships.get(user=alice)), acme.memberships.get(user=admin)
        inviting.change_role(actor, fallen, Role.ADMIN)
        assert [(i.role, i.is_open) for i in Invitation.objects.order_by("id")] == [("owner", False), ("admin", True)]
