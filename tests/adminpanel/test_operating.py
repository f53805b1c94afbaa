"""What staff and operators use: the admin, the kill switch, health checks, commands, messages about settings."""

import io
import os
import quopri
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from accounts.models import User
from adminpanel import health
from adminpanel.demo import story
from campaigns import sending
from contacts.models import Contact
from delivery import batching
from delivery.models import CapturedMessage, Control, ProviderAccount, WorkerBeat
from delivery.models import Tester as TheTester
from kernel import secrets
from kernel.tenancy import scope
from tests import factories
from tests.delivery import smtp

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def staff(alice, as_user):
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return as_user(User.objects.get(pk=alice.pk))


def test_the_admin_is_for_staff(acme, bob, as_user, client):
    assert client.get("/admin/").status_code == 302
    assert as_user(bob).get("/admin/").status_code in (302, 403)


def test_staff_see_every_workspace(acme, beta, staff):
    with scope(acme):
        factories.contacts(2)
        batch = sending.start(factories.campaign(name="Acme's news").pk).first_batch
    batching.fill(batch.pk)
    for page in (
        "accounts/workspace/", "accounts/user/", "accounts/auditentry/", "accounts/job/", "campaigns/campaign/",
        "delivery/batch/", "delivery/lease/", "delivery/provideraccount/", "delivery/control/", "delivery/workerbeat/",
        "contacts/contactimport/", "contacts/suppression/", "django_q/ormq/", "",
    ):  # fmt: skip
        assert staff.get(f"/admin/{page}").status_code == 200, page
    assert "Acme" in staff.get("/admin/campaigns/campaign/").content.decode()
    messages = staff.get(f"/admin/delivery/batch/{batch.pk}/messages/").content.decode()
    assert "planned: 2" in messages
    assert "Beta" in staff.get("/admin/accounts/workspace/").content.decode()


def test_what_the_product_writes_can_only_be_read_there(acme, staff):
    with scope(acme):
        pk = sending.readiness.account_of(factories.campaign()).pk
    assert staff.get("/admin/delivery/provideraccount/add/").status_code == 403
    assert staff.post(f"/admin/delivery/provideraccount/{pk}/delete/").status_code == 403
    page = staff.get(f"/admin/delivery/provideraccount/{pk}/change/").content.decode()
    assert "secret" not in page


def test_the_kill_switch_asks_for_a_reason_and_a_confirmation(acme, staff, bob, as_user):
    page = staff.post("/admin/delivery/control/add/", {"kind": "all", "reason": ""})
    assert not Control.objects.exists()
    page = staff.post("/admin/delivery/control/add/", {"kind": "channel", "reason": "x"}).content.decode()
    assert "Choose a channel" in page
    page = staff.post("/admin/delivery/control/add/", {"kind": "all", "reason": "leaked key"}).content.decode()
    assert not Control.objects.exists() and "leaked key" in page
    staff.post("/admin/delivery/control/add/", {"kind": "all", "reason": "leaked key", "confirmed": "yes"})
    control = Control.objects.get()
    assert control.set_by.name == "Alice"
    assert "Sending has been stopped" in as_user(bob).get("/w/acme/contacts/").content.decode()
    assert staff.post(f"/admin/delivery/control/{control.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post("/admin/delivery/control/", {"action": "lift", "_selected_action": [control.pk]})
    control.refresh_from_db()
    assert control.lifted_at and control.lifted_by.name == "Alice"
    assert "Sending has been stopped" not in as_user(bob).get("/w/acme/contacts/").content.decode()


def test_a_workspaces_switch_is_seen_there_only(acme, beta, bob, charlie, as_user):
    Control.objects.create(kind="workspace", workspace=beta, reason="complaints")
    assert "complaints" not in as_user(bob).get("/w/acme/contacts/").content.decode()
    assert "complaints" in as_user(charlie).get("/w/beta/contacts/").content.decode()


def finding(name: str) -> health.Finding:
    return next(finding for finding in health.check_all() if finding.name == name)


def test_queues_without_workers_are_reported(db):
    assert not finding("workers").ok
    for queue in settings.QUEUES:
        WorkerBeat.objects.create(queue=queue)
    assert finding("workers").ok
    WorkerBeat.objects.filter(queue="bulk").update(at=timezone.now() - timedelta(minutes=10))
    assert not finding("workers").ok and "bulk" in finding("workers").text


@pytest.fixture
def late_work(acme):
    """A campaign of acme whose messages have been due for an hour."""
    with scope(acme):
        factories.contacts(1)
        batch = sending.start(factories.campaign().pk).first_batch
    batching.fill(batch.pk)
    assert finding("due work").ok
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET not_before = now() - interval '1 hour'")
    return batch


def test_work_that_waits_for_long_is_reported(late_work, beta):
    assert not finding("due work").ok
    Control.objects.create(kind="workspace", workspace=beta, reason="complaints")
    Control.objects.create(kind="channel", channel="sms", reason="the provider is down")
    assert not finding("due work").ok, "switches of another workspace and channel stop nothing here"


@pytest.mark.parametrize("kind", ["all", "channel", "workspace"])
def test_work_that_a_kill_switch_stops_is_not_late(late_work, acme, kind):
    fields = {"channel": {"channel": "email"}, "workspace": {"workspace": acme}}.get(kind, {})
    Control.objects.create(kind=kind, reason="x", **fields)
    assert finding("due work").ok


@pytest.mark.parametrize("field", ["retry_at", "throttled_until"])
def test_work_of_an_account_that_waits_is_not_late(late_work, field):
    with scope(late_work.workspace_id):
        ProviderAccount.objects.update(**{field: timezone.now() + timedelta(minutes=1)})
    assert finding("due work").ok


def test_the_demo_does_the_main_job(db):
    out = io.StringIO()
    call_command("demo", people=120, stdout=out)
    text = out.getvalue()
    assert "planned = sum of all ends: yes" in text and "accepted      120" in text
    call_command("demo", people=120, stdout=out)  # again, on what is there
    assert out.getvalue().count("sum of all ends: yes") == 2 and "NO" not in out.getvalue()
    assert story.workspace("x").slug == "demo"


def test_import_contacts_from_the_command_line(acme, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("email,name\na@example.com,A\nbad,B\n")
    out = io.StringIO()
    call_command("import_contacts", "acme", str(file), consent="shop", tag=["x"], stdout=out)
    assert "2 rows: 1 new, 0 updated, 0 left alone, 0 repeated, 1 rejected" in out.getvalue()
    for arguments, message in ((("nowhere", str(file)), "no workspace"), (("acme", "/no/file"), "no file")):
        with pytest.raises(CommandError, match=message):
            call_command("import_contacts", *arguments, consent="shop")


def test_send_test_says_what_came_of_it(acme):
    with smtp.serving() as (mailbox, port):
        with scope(acme):
            factories.smtp_account(port)
        out = io.StringIO()
        call_command("send_test", "acme", "me@x.example", stdout=out)
        assert out.getvalue().startswith("Sent") and mailbox.addresses() == ["me@x.example"]
        with pytest.raises(CommandError):
            call_command("send_test", "acme", "hard@x.example", stdout=out)
        assert "550 5.1.1" in out.getvalue()
    with scope(acme):
        assert not Contact.objects.exists(), "who gets a test becomes no contact"


def test_a_test_send_goes_to_the_address_chosen_as_the_contact_chosen(acme, bob, as_user, run_jobs):
    with scope(acme):
        template = factories.campaign().template
        (person,) = factories.contacts(1, first_name="Zoé")
        TheTester.objects.create(email="me@x.example", confirmed_at=timezone.now())
    data = {"to": "me@x.example", "contact": person.pk}
    with scope(acme):
        data |= {"sender": sending.Campaign.objects.get().sender_id}
        data |= {"account": sending.readiness.account_of(sending.Campaign.objects.get()).pk}
    as_user(bob).post(f"/w/acme/sending/templates/{template.pk}/test/", data)
    run_jobs()
    with scope(acme):
        captured = CapturedMessage.objects.get()
        assert captured.recipient == "me@x.example"
        assert "Zoé".encode() in quopri.decodestring(bytes(captured.source))


def test_secrets_are_ciphertext_in_the_database(acme):
    with scope(acme):
        account = factories.smtp_account(25)
        account.secret = {"password": "hunter2"}
        account.save()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT secret FROM delivery_provideraccount WHERE secret IS NOT NULL")
        stored = cursor.fetchone()[0]
    assert "hunter2" not in stored and "password" not in stored
    with scope(acme):
        account.refresh_from_db()
        assert account.secret == {"password": "hunter2"}


def test_keys_rotate_and_a_lost_one_is_explained(acme, settings):
    with scope(acme):
        account = factories.smtp_account(25)
        account.secret = {"password": "x"}
        account.save()
    old = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = ["a-new-key-" + "z" * 40, *old]
    with scope(acme):
        account.refresh_from_db()
    settings.FIELD_ENCRYPTION_KEYS = ["a-new-key-" + "z" * 40]
    with scope(acme):
        account = ProviderAccount.objects.get(pk=account.pk)
        with pytest.raises(secrets.Undecryptable, match="FIELD_ENCRYPTION_KEYS"):
            account.secret  # noqa: B018


def manage(arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments.split()]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS is not set"),
        ({"BASE_URL": ""}, "BASE_URL is not set"),
        ({"BASE_URL": "mail.example.com"}, "must look like https://"),
        ({"DATABASE_URL": "mysql://x@y/z"}, "PostgreSQL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"SMTP_CONNECTIONS": "many"}, "SMTP_CONNECTIONS is 'many'"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'"),
    ],
)
def test_a_wrong_setting_is_explained_without_a_traceback(change, message):
    environment = os.environ | {"FANFARE_LOCAL": "0", "BASE_URL": "https://x.example"} | change
    done = manage("check", environment)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_one_role_alone_works_with_a_warning(db):
    """With one role for everything the demo runs, and a check warns that row-level security protects less."""
    owner = os.environ["DATABASE_OWNER_URL"]
    environment = os.environ | {"DATABASE_URL": owner, "DATABASE_ENGINE_URL": "", "DATABASE_OWNER_URL": ""}
    done = manage("demo --people 30", environment)
    assert "sum of all ends: yes" in done.stdout, done.stderr[-2000:]
    check = manage("check", environment)
    assert "fanfare.W001" in check.stderr


def test_the_first_administrator_can_log_in_before_mail_works(db, client):
    call_command("createsuperuser", email="Ops@Example.com", interactive=False, stdout=io.StringIO())
    user = User.objects.get()
    user.set_password("correct horse battery")
    user.save(using="owner")
    assert user.is_superuser and user.email == "ops@example.com"
    answer = client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery"})
    assert answer.status_code == 302 and "confirm" not in answer["Location"]


@pytest.mark.parametrize("asked, header", [("0", "max-age=31536000"), ("1", "includeSubDomains; preload")])
def test_hsts_binds_other_hosts_only_when_asked(asked, header):
    script = (
        "from django.test import RequestFactory as F; from django.http import HttpResponse as R\n"
        "from django.middleware.security import SecurityMiddleware as M\n"
        "print(M(lambda request: R())(F().get('/', secure=True))['Strict-Transport-Security'])"
    )
    environment = os.environ | {"BASE_URL": "https://x.example", "HSTS_PRELOAD": asked}
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip().endswith(header), done.stderr
