"""Long jobs continue whatever happens to a worker, and the person who waits for one is told how it ended."""

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


def test_lost_jobs_are_enqueued_again_once(begun, run_jobs):
    jobs.requeue_stalled()
    assert run_jobs() == [], "they may still be at work"
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO)
    jobs.requeue_stalled()
    jobs.requeue_stalled()
    done = run_jobs()
    for name in ("import_contacts", "act_in_bulk", "make_export"):
        assert done.count(f"contacts.{name}") == 1
    with scope(begun):
        assert not Job.objects.exclude(state="done").exists()
        assert ContactImport.objects.get().state == "done" and BulkAction.objects.get().finished_at


def test_a_second_worker_does_not_notify_again(begun, run_jobs):
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO)
    jobs.requeue_stalled()
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


def test_jobs_that_ended_or_failed_are_left_alone(begun, run_jobs):
    with scope(begun):
        Job.objects.update(updated_at=LONG_AGO, state="failed")
    jobs.requeue_stalled()
    assert run_jobs() == []


def test_an_export_that_expired_before_its_start_says_so(acme, alice, run_jobs):
    with scope(acme):
        export = exporting.begin(kind="contacts", file_format="csv", name="all", wanted={"filter": {}}, user=alice)
        exporting.expire(Export.objects.all())
    jobs.make_export(workspace_id=acme.pk, export_id=export.pk)
    with scope(acme):
        job = Job.objects.get()
        assert job.state == "failed" and "erased in the meantime" in job.message


def test_a_failed_forecast_ends_the_polling(acme, monkeypatch):
    upload = prepare(acme, "email,x\na@example.com,1\n")
    token = "t"
    with scope(acme):
        upload.preview = {"forecast": {"token": token}}
        upload.save()
    monkeypatch.setattr(forecasting, "_count_chunk", lambda *args: 1 / 0)
    jobs.forecast_import(workspace_id=acme.pk, import_id=upload.pk, token=token)
    with scope(acme):
        upload.refresh_from_db()
        assert upload.preview["forecast"]["done"] and "be checked" in upload.preview["forecast"]["problem"]


def test_a_lost_database_connection_does_not_end_the_import(acme, alice, monkeypatch):
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
