"""The same request several times at the same moment has the effect of one."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.test import Client

from accounts.access import Role
from accounts.models import Invitation, Membership
from contacts.models import Contact, Tag
from delivery.batching import fill
from delivery.models import Batch, Message
from kernel.tenancy import scope
from tests import factories
from tests.conftest import make_user


def at_once(n, user, path, data=None):
    """The status codes of the same POST from `n` browsers of a person at the same moment."""
    clients = [Client() for _n in range(n)]
    for client in clients:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    start = threading.Barrier(n)

    def post(client):
        try:
            start.wait()
            return client.post(path, data or {}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(post, clients))


def test_six_times_send_is_one_batch(acme, alice):
    with scope(acme):
        factories.contacts(4)
        campaign = factories.campaign()
    assert set(at_once(6, alice, f"/w/acme/campaigns/{campaign.pk}/send/")) == {302}
    with scope(acme):
        batch = Batch.objects.get()
    while not fill(batch.pk):
        pass
    with scope(acme):
        assert Message.objects.count() == 4


def test_five_times_accept_is_one_membership(acme, alice):
    eve = make_user("eve@example.com", "Eve")
    with scope(acme):
        invitation = Invitation(email=eve.email, role=Role.VIEWER, invited_by=alice)
        token = invitation.renew()
        invitation.save()
    at_once(5, eve, f"/invitations/{token}/")
    assert Membership.objects.filter(workspace=acme, user=eve).count() == 1


def test_six_times_the_same_name_is_one_row(acme, alice):
    at_once(6, alice, "/w/acme/contacts/tags/new/", {"name": "vip", "color": "gray"})
    at_once(6, alice, "/w/acme/contacts/new/", {"email": "ana@example.com", "status": "unknown", "language": "en"})
    with scope(acme):
        assert Tag.objects.filter(name="vip").count() == 1
        assert Contact.objects.filter(email="ana@example.com").count() == 1


def test_one_of_the_owners_stays_whoever_leaves(acme, alice):
    users = [alice, *(make_user(f"o{n}@example.com", "O") for n in range(2))]
    for user in users[1:]:
        Membership.objects.create(workspace=acme, user=user, role=Role.OWNER)
    start = threading.Barrier(len(users))

    def leave(user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        try:
            start.wait()
            client.post("/w/acme/members/leave/")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(users)) as pool:
        list(pool.map(leave, users))
    assert acme.memberships.filter(role=Role.OWNER).count() == 1
