"""Long work goes on whatever happens to a worker, and whoever waits for it is told how it ended."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Job, Notification
from contacts import jobs
from contacts.exports import running as exporting
from contacts.imports import forecasting, running
from contacts.models import BulkAction, Contact, ContactImport, Export
from kernel.tenancy import scope
from tests.contacts.imports.running import prepare
from tests.factories import contacts

LONG_AGO = timezone.now() - timedelta(minutes=21)


@pytest.fixture
def begun(acme, alice, as_user, run_jobs, monkeypatch):
    """An import, a bulk action and an export whose tasks are lost."""
    upload = prepare(acme, "email,x\na@example.com,1\n")
    with scope(acme):
        running.start(upload, alice)
        Job.objects.update(state="running")
        job = Job.objects.create(kind="bulk", state="running")
        contacts(2)
        scope_of_all = {"filter": {}}
        upto = Contact.objects.order_by("-pk").first().pk
        BulkAction.objects.create(verb="delete", scope=scope_of_all, upto=upto, job=job, asked_by=alice)
        exporting.begin(kind="contacts", file_format="csv", name="all", wanted={"filter": {}}, user=alice)
    return acme


def test_what_was_not_heard_of_is_asked_for_again_once(begun, run_jobs):
    jobs.ask_again()
    assert run_jobs() == [], "they may still be at work"
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO)
    jobs.ask_again()
    jobs.ask_again()
    done = run_jobs()
    for name in ("imports.import_contacts", "bulk_actions.act_in_bulk", "exports.make_export"):
        assert done.count(f"contacts.jobs.{name}") == 1
    with scope(begun):
        assert not Job.objects.exclude(state="done").exists()
        assert ContactImport.objects.get().state == "done" and BulkAction.objects.get().finished_at


def test_a_second_worker_reports_no_second_end(begun, run_jobs):
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO)
    jobs.ask_again()
    run_jobs()
    with scope(begun):
        told = Notification.objects.count()
        ids = {"import_id": ContactImport.objects.get().pk}
        action, export = BulkAction.objects.get().pk, Export.objects.get().pk
    jobs.import_contacts(workspace_id=begun.pk, **ids)
    jobs.act_in_bulk(workspace_id=begun.pk, action_id=action)
    jobs.make_export(workspace_id=begun.pk, export_id=export)
    with scope(begun):
        assert Notification.objects.count() == told > 0


def test_what_has_ended_or_failed_is_left_alone(begun, run_jobs):
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO, state="failed")
    jobs.ask_again()
    assert run_jobs() == []


def test_an_export_that_expired_before_it_began_says_so(acme, alice, run_jobs):
    with scope(acme):
        export = exporting.begin(kind="contacts", file_format="csv", name="all", wanted={"filter": {}}, user=alice)
        exporting.expire(Export.objects.all())
    jobs.make_export(workspace_id=acme.pk, export_id=export.pk)
    with scope(acme):
        job = Job.objects.get()
        assert job.state == "failed" and "erased in the meantime" in job.message


def test_a_forecast_that_fails_stops_the_waiting(acme, monkeypatch):
    upload = prepare(acme, "email,x\na@example.com,1\n")
    token = "t"
    with scope(acme):
        upload.preview = {"forecast": {"token": token}}
        upload.save()
    monkeypatch.setattr(forecasting, "_look_at", lambda *args: 1 / 0)
    jobs.forecast_import(workspace_id=acme.pk, import_id=upload.pk, token=token)
    with scope(acme):
        upload.refresh_from_db()
        assert upload.preview["forecast"]["done"] and "be checked" in upload.preview["forecast"]["problem"]


def test_a_database_that_went_away_is_no_end(acme, alice, monkeypatch):
    upload = prepare(acme, "email,x\na@example.com,1\n")
    with scope(acme):
        running.start(upload, alice)

    def away(*args):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(running, "run", away)
    with pytest.raises(OperationalError):
        jobs.import_contacts(workspace_id=acme.pk, import_id=upload.pk)
    with scope(acme):
        assert ContactImport.objects.get().state == "running"
