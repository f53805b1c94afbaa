"""What was missing in the audit log; pages that a shared computer must not keep."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory, override_settings

from accounts.models import AuditEntry, Membership, Workspace
from contacts.models import ContactImport
from delivery.models import Batch, ProviderAccount
from kernel.tenancy import scope
from tests.conftest import PASSWORD


def verbs(workspace) -> list[str]:
    with scope(workspace):
        return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_log_ins_and_wrong_passwords_stand_in_the_log_of_each_workspace_of_the_person(acme, beta, alice, charlie):
    cache.clear()
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    assert verbs(acme) == ["login.failed", "login.succeeded"] and verbs(beta) == []
    with scope(acme):
        entry = AuditEntry.objects.first()
    assert entry.actor == alice and entry.address == "198.51.100.7"


def test_changes_of_second_factors_and_passwords_stand_in_the_log(acme, alice, client):
    cache.clear()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    request = RequestFactory().get("/")
    authenticator_added.send(Authenticator, request=request, user=alice, authenticator=Authenticator(type="totp"))
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": PASSWORD + " 2", "password2": PASSWORD + " 2"},
    )
    assert {"login.second_factor_added", "login.password_changed"} <= set(verbs(acme))


def test_a_file_that_is_uploaded_read_again_mapped_and_discarded_stands_in_the_log(acme, alice, as_user):
    client = as_user(alice)
    file = SimpleUploadedFile("c.csv", b"email,name\na@example.com,A\n")
    client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "contacts"})
    with scope(acme):
        pk = ContactImport.objects.get().pk
    page = client.get(f"/w/acme/contacts/imports/{pk}/")
    assert page.status_code == 200
    client.post(f"/w/acme/contacts/imports/{pk}/delete/")
    assert verbs(acme) == ["import.uploaded", "import.discarded"]


def test_time_zone_and_language_of_a_new_workspace_stand_in_the_log(acme, alice, as_user):
    Workspace.objects.update(onboarding="locale")
    as_user(alice).post("/w/acme/welcome/locale/", {"time_zone": "Europe/Lisbon", "language": "fr"})
    with scope(acme):
        entry = AuditEntry.objects.get(verb="workspace.changed")
    assert set(entry.detail["fields"]) == {"time_zone", "language"}


def change_form(of, **rows) -> dict:
    values = {field: getattr(of, field) for field in ("name", "slug", "country", "postal_address")}
    values |= {"time_zone": "Europe/Paris", "language": "en", "onboarding": "done", "tracks_opens": "on"}
    values |= {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}
    return values | {f"memberships-0-{name}": value for name, value in rows.items()}


def test_staff_who_make_themselves_a_member_stand_in_the_log(beta, alice, as_user):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    data = change_form(beta, workspace=beta.pk, user=alice.pk, role="owner")
    answer = as_user(alice).post(f"/admin/accounts/workspace/{beta.pk}/change/", data)
    assert answer.status_code == 302 and Membership.objects.filter(workspace=beta, user=alice).exists()
    with scope(beta):
        entry = AuditEntry.objects.get(verb="member.added_by_staff")
    assert entry.actor_id == alice.pk and entry.detail == {"member": alice.pk, "role": "owner"}


def test_staff_need_a_permission_for_messages(acme, rita, as_user):
    rita.is_staff = True
    rita.save()
    with scope(acme):
        batch = Batch.objects.create(
            name="B",
            purpose="marketing",
            channel="email",
            account=ProviderAccount.objects.get(),
            expires_at="2030-01-01T00:00Z",
        )
    path = f"/admin/delivery/batch/{batch.pk}/messages/"
    assert as_user(rita).get(path).status_code == 403
    rita.user_permissions.add(Permission.objects.get(codename="view_batch"))
    assert as_user(rita).get(path).status_code == 403
    rita.user_permissions.add(Permission.objects.get(codename="view_message"))
    assert as_user(rita).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/w/acme/contacts/", "/profile/", "/accounts/2fa/", "/", "/w/acme/nowhere/"])
def test_no_page_is_kept_by_a_browser(acme, alice, as_user, path):
    assert "no-store" in as_user(alice).get(path)["Cache-Control"]


@override_settings(ADMIN_SECOND_FACTOR=False)
def test_pages_of_visitors_are_not_kept_either(acme):
    assert "no-store" in Client().get("/accounts/login/")["Cache-Control"]
    assert "no-store" in Client().get("/u/nonsense/")["Cache-Control"]
