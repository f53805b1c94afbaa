"""From sign-up to the first sender; members, roles, invitations; the append-only audit log."""

import re
import threading

import pytest
from django.core import mail
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.utils.translation import gettext as _

from accounts import actors, audit, inviting
from accounts.access import PERMISSIONS, RANK, Role, may_grant
from accounts.models import AuditEntry, Invitation, Job, Membership, Notification, User, Workspace
from accounts.notifying import Notice, notify
from contacts.models import Contact
from delivery.models import ProviderAccount, Sender
from kernel.tenancy import scope
from tests.conftest import PASSWORD, make_user


def test_from_sign_up_to_the_first_sender(db):
    client = Client()
    data = {"name": "Ana", "email": "Ana@New.example", "password1": PASSWORD}
    client.post("/accounts/signup/", data)
    link = re.search(r"http://\S+confirm-email\S+", mail.outbox[0].body)[0]
    path = link.split("testserver")[-1].split("8000")[-1]
    assert not User.objects.get().emailaddress_set.get().verified
    client.get(path)
    assert not User.objects.get().emailaddress_set.get().verified, "a link scanner confirms nothing"
    assert client.post(path).status_code == 302
    assert client.get("/")["Location"] == "/new/"
    organisation = {"name": "Ana's Shop", "country": "FR", "postal_address": "1 rue Neuve, Lyon"}
    step2 = client.post("/new/", organisation)["Location"]
    assert step2 == "/w/anas-shop/welcome/locale/"
    assert client.get("/w/anas-shop/contacts/")["Location"] == step2, "unfinished onboarding comes first"
    step3 = client.post(step2, {"time_zone": "Europe/Paris", "language": "fr"})["Location"]
    assert client.post(step3, {"name": "Ana", "email": "ana@new.example"})["Location"] == "/w/anas-shop/campaigns/"
    workspace = Workspace.objects.get()
    assert workspace.onboarding == "done" and workspace.memberships.get().role == Role.OWNER
    with scope(workspace):
        assert Sender.objects.get().email == "ana@new.example"
        assert ProviderAccount.objects.get().is_sandbox
    assert client.get("/")["Location"] == "/w/anas-shop/campaigns/"


def test_missing_fields_are_reported(db, as_user):
    client = as_user(make_user("n@new.example", "N"))
    page = client.post("/new/", {"name": "", "country": "", "postal_address": ""}).content.decode()
    assert page.count("This field is required") == 3


def test_log_in_wants_the_right_password_and_slows_down_guessing(alice):
    client = Client()
    for _attempt in range(12):
        response = client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert b"Too many failed" in response.content or response.status_code == 429
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    "page", ["2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "sessions/", "email/", "password/change/"]
)
def test_the_security_pages_are_there(alice, as_user, page):
    client = as_user(alice)
    response = client.get(f"/accounts/{page}", follow=True)
    assert response.status_code == 200 and b"css/app.css" in response.content


def test_the_table_of_permissions_only_grows_with_the_rank():
    for permission, roles in PERMISSIONS.items():
        ranks = sorted(RANK.index(role) for role in roles)
        assert ranks == list(range(ranks[0], len(RANK))), permission


def test_an_invitation_is_bound_single_use_and_expires(acme, alice, charlie, as_user):
    as_user(alice).post("/w/acme/members/invitations/", {"email": "dora@new.example", "role": "manager"})
    token = re.search(r"/invitations/([\w-]+)/", mail.outbox[-1].body)[1]
    assert "“Alice” on Fanfare invited you" in mail.outbox[-1].body
    with scope(acme):
        assert token not in str(Invitation.objects.values().get()), "only the hash is stored"
    stranger = as_user(charlie)
    assert "another address" in stranger.post(f"/invitations/{token}/", follow=True).content.decode()
    assert not acme.memberships.filter(user=charlie).exists()
    dora = make_user("dora@new.example", "Dora")
    client = as_user(dora)
    assert client.get(f"/invitations/{token}/").status_code == 200
    assert not acme.memberships.filter(user=dora).exists(), "GET does not accept"
    assert client.post(f"/invitations/{token}/").status_code == 302
    assert acme.memberships.get(user=dora).role == Role.MANAGER
    assert client.post(f"/invitations/{token}/").status_code == 404


def test_an_expired_or_withdrawn_invitation_is_gone(acme, alice, as_user):
    client = as_user(alice)
    for email in ("a@new.example", "b@new.example"):
        client.post("/w/acme/members/invitations/", {"email": email, "role": "viewer"})
    tokens = [re.search(r"/invitations/([\w-]+)/", message.body)[1] for message in mail.outbox]
    with scope(acme):
        first, second = Invitation.objects.order_by("id")
        client.post(f"/w/acme/members/invitations/{first.pk}/revoke/")
        Invitation.objects.filter(pk=second.pk).update(expires_at="2020-01-01T00:00Z")
    assert [Client().get(f"/invitations/{token}/").status_code for token in tokens] == [404, 404]


def test_nobody_gives_a_role_above_their_own(acme, bob, rita, as_user):
    assert not may_grant(Role.MANAGER, Role.ADMIN) and may_grant(Role.ADMIN, Role.ADMIN)
    acme.memberships.filter(user=bob).update(role=Role.ADMIN)
    client = as_user(bob)
    client.post("/w/acme/members/invitations/", {"email": "x@new.example", "role": "owner"})
    assert not mail.outbox
    member = acme.memberships.get(user=rita)
    client.post(f"/w/acme/members/{member.pk}/role/", {"role": "owner"})
    assert acme.memberships.get(user=rita).role == Role.VIEWER
    owner = acme.memberships.get(role=Role.OWNER)
    client.post(f"/w/acme/members/{owner.pk}/remove/")
    client.post(f"/w/acme/members/{owner.pk}/role/", {"role": "viewer"})
    assert acme.memberships.filter(role=Role.OWNER).count() == 1


def test_the_last_owner_stays(acme, alice, bob, as_user):
    client = as_user(alice)
    page = client.post("/w/acme/members/leave/", follow=True).content.decode()
    assert "needs at least one owner" in page
    acme.memberships.filter(user=bob).update(role=Role.OWNER)
    assert client.post("/w/acme/members/leave/")["Location"] == "/"
    assert client.get("/w/acme/campaigns/").status_code == 404


def test_two_owners_leaving_at_once_leave_one(acme, alice, bob):
    acme.memberships.filter(user=bob).update(role=Role.OWNER)

    def leave(user):
        try:
            with scope(acme.pk):
                membership = Membership.objects.get(workspace=acme, user=user)
                inviting.remove(actors.member(membership), membership)
        except inviting.Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=leave, args=[user]) for user in (alice, bob)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert acme.memberships.filter(role=Role.OWNER).count() == 1


def test_one_person_in_several_workspaces_switches(acme, beta, alice, as_user):
    Membership.objects.create(workspace=beta, user=alice, role=Role.VIEWER)
    client = as_user(alice)
    assert client.post("/switch/beta/")["Location"] == "/w/beta/campaigns/"
    assert client.get("/")["Location"] == "/w/beta/campaigns/"
    assert client.post("/switch/nowhere/")["Location"] == "/"
    assert client.post("/w/beta/contacts/new/", {"email": "x@example.com"}).status_code == 403


def test_the_audit_log_is_append_only(acme, alice):
    with scope(acme):
        audit.record(actors.person(alice), "test.done", acme, n=1)
        entry = AuditEntry.objects.get()
    for sql in ("UPDATE accounts_auditentry SET verb = 'x'", "DELETE FROM accounts_auditentry"):
        with (
            scope(acme),
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
        with pytest.raises(DatabaseError, match="append-only"), connections["engine"].cursor() as cursor:
            cursor.execute(sql)
    with scope(acme):
        assert AuditEntry.objects.get().verb == entry.verb


def test_the_audit_log_is_for_admins_and_names_no_address(acme, alice, bob, as_user):
    as_user(alice).post(
        "/w/acme/contacts/new/", {"email": "secret@example.com", "consent": "shop", "channels": "email"}
    )
    with scope(acme):
        entry = AuditEntry.objects.get(verb="contact.created")
        assert "secret" not in str(vars(entry)) and entry.address == "127.0.0.1"
    page = as_user(alice).get("/w/acme/audit/?verb=contact").content.decode()
    assert "contact.created" in page and "secret@" not in page
    assert as_user(bob).get("/w/acme/audit/").status_code == 403


def test_notices_speak_the_readers_language(acme, alice, bob):
    bob.language = "fr"
    bob.save()
    with scope(acme):
        notify([alice, bob], lambda: Notice(title=_("Members")), email=True)
        titles = dict(Notification.objects.values_list("user__name", "title"))
    assert titles == {"Alice": "Members", "Bob": "Membres"}
    assert {message.subject for message in mail.outbox} == {"Members", "Membres"}
    assert all(message.extra_headers["Auto-Submitted"] == "auto-generated" for message in mail.outbox)


def test_a_jobs_progress_polls_until_it_has_ended(acme, alice, as_user):
    with scope(acme):
        job = Job.objects.create(kind="import", owner=alice, total=200)
        job.progress(50)
    client = as_user(alice)
    running = client.get(f"/w/acme/jobs/{job.pk}/").content.decode()
    assert "25%" in running and 'hx-trigger="every 2s"' in running
    with scope(acme):
        job.finish(Job.State.DONE)
    assert "hx-trigger" not in client.get(f"/w/acme/jobs/{job.pk}/").content.decode()


def test_an_exception_in_a_page_rolls_its_transaction_back(acme, alice, as_user, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("after the first write")

    monkeypatch.setattr("contacts.views.people.contacts.audit.record", fail)
    client = as_user(alice)
    client.raise_request_exception = False
    assert client.post("/w/acme/contacts/new/", {"email": "half@example.com"}).status_code == 500
    with scope(acme):
        assert not Contact.objects.exists()


def test_forms_need_a_csrf_token(acme, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/w/acme/contacts/new/", {"email": "x@example.com"}).status_code == 403


def test_every_page_has_the_strict_policy(acme, alice, as_user):
    for path in ("/w/acme/campaigns/", "/accounts/2fa/", "/nowhere/"):
        policy = as_user(alice).get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy


def test_labels_of_account_pages_end_without_a_colon(acme, alice, as_user):
    page = as_user(alice).get("/accounts/email/").content.decode()
    labels = [" ".join(text.split()) for text in re.findall(r"<label[^>]*>(.*?)</label>", page, re.DOTALL)]
    assert "Current e-mail" in labels and not [label for label in labels if label.endswith(":")]
