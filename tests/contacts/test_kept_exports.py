"""Exports where FILES_URL says: kept, read, erased, and what happens where the place fails."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, transaction

from accounts.models import Job
from contacts import jobs
from contacts.exports import running
from contacts.exports.kept_file import KeptWriter
from contacts.imports import uploading
from contacts.models import Contact, Export, ExportPart
from contacts.privacy import erasure
from kernel.files.problems import Damaged, Unavailable
from kernel.jobs import Interrupted, TryAgain
from kernel.tenancy import scope
from tests.contacts.exports.test_exporting import EXPORTS, content, export, rows_of
from tests.contacts.privacy.test_purging import ago
from tests.factories import contacts
from tests.kept_files import all_names


def download(client, made: Export) -> bytes:
    return b"".join(client.get(f"{EXPORTS}{made.pk}/download/").streaming_content)


# --- exports ---------------------------------------------------------------------------------------------------------


def test_an_export_is_kept_downloaded_and_deleted(acme, bob, as_user, run_jobs, kept_files):
    with scope(acme):
        contacts(3)
    client = as_user(bob)
    client.post(EXPORTS + "new/", {"who": "everyone", "format": "csv"})
    run_jobs()
    with scope(acme):
        made = Export.objects.get()
        assert made.state == "done" and not ExportPart.objects.exists()
    assert all_names(kept_files) == [made.file]
    answer = client.get(f"{EXPORTS}{made.pk}/download/")
    assert len(b"".join(answer.streaming_content)) == made.size == int(answer["Content-Length"])
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    client.post(f"{EXPORTS}{made.pk}/delete/")
    assert client.get(f"{EXPORTS}{made.pk}/download/").status_code == 302
    assert run_jobs() == ["kernel.delete_file"]
    assert all_names(kept_files) == []


@pytest.mark.parametrize("file_format", ["csv", "json", "xlsx"])
def test_a_kept_file_is_the_one_that_the_database_would_have(acme, in_folder, settings, file_format):
    with scope(acme):
        contacts(30)
    kept = content(export(acme, file_format=file_format))
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "files"}
    in_parts = export(acme, file_format=file_format)
    assert in_parts.file == "" and len(content(in_parts)) == len(kept)
    if file_format != "xlsx":  # which has the time in it
        assert content(in_parts) == kept


def test_a_whole_workspace_is_kept(acme, kept_files):
    with scope(acme):
        contacts(3)
    made = export(acme, kind="workspace", file_format="zip")
    assert content(made).startswith(b"PK") and all_names(kept_files) == [made.file]


def test_nobody_else_downloads_it(acme, rita, charlie, as_user, in_folder):
    made = export(acme)
    assert as_user(rita).get(f"{EXPORTS}{made.pk}/download/").status_code == 403
    assert as_user(charlie).get(f"{EXPORTS}{made.pk}/download/").status_code == 404


def test_a_row_that_names_another_workspaces_file_gives_nothing(acme, beta, bob, as_user, in_folder):
    made, secret = export(acme), export(beta)
    with scope(acme):
        Export.objects.filter(pk=made.pk).update(file=secret.file, size=secret.size, sha256=secret.sha256)
    with pytest.raises(SuspiciousFileOperation):
        download(as_user(bob), made)


def test_a_damaged_file_is_not_downloaded_whole(acme, bob, as_user, kept_files):
    made = export(acme)
    kept_files.write(made.file, b"x" * made.size)
    with pytest.raises(Damaged):
        download(as_user(bob), made)


def test_an_export_waits_for_a_place_that_is_down(acme, bob, as_user, kept_files, run_jobs, monkeypatch):
    client = as_user(bob)
    client.post(EXPORTS + "new/", {"who": "everyone", "format": "csv"})
    logged: list[str] = []
    monkeypatch.setattr(running.log, "error", lambda text, *args: logged.append(text % args))
    with monkeypatch.context() as down:
        down.setattr(
            type(kept_files), "save", lambda *args: (_ for _ in ()).throw(Unavailable("No space left on device"))
        )
        with pytest.raises(TryAgain):  # the queue repeats a job that raises
            run_jobs()
    with scope(acme):
        made = Export.objects.get()
    assert made.state == "running" and "No space left on device" in logged[0]
    assert "It is tried again by itself." in client.get(f"{EXPORTS}{made.pk}/").content.decode()
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    with scope(acme):
        assert Export.objects.get().state == "done"


@pytest.mark.parametrize("problem", [Unavailable("down"), Damaged("broken"), OSError(28, "No space left on device")])
def test_an_export_that_could_not_be_stored_in_the_end_says_so(acme, bob, as_user, in_folder, monkeypatch, problem):
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
        Job.objects.update(created_at=ago(days=1))
    monkeypatch.setattr(KeptWriter, "keep", lambda sink: (_ for _ in ()).throw(problem))
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    client = as_user(bob)
    for page in (EXPORTS, f"{EXPORTS}{made.pk}/"):
        shown = client.get(page).content.decode()
        assert "Files can&#x27;t be stored at the moment. Try again in a few minutes." in shown and "99%" not in shown


def test_erasing_a_person_deletes_all_exports_once_it_is_committed(acme, run_jobs, kept_files):
    with scope(acme):
        person = contacts(1)[0]
    made = export(acme)
    with scope(acme):
        erasure.erase(person)
        transaction.set_rollback(True)
    run_jobs()
    assert len(rows_of(made)) == 1
    with scope(acme):
        erasure.erase(Contact.objects.get(pk=person.pk))
    assert all_names(kept_files) == [made.file], "no call in the transaction"
    assert "kernel.delete_file" in run_jobs()
    assert all_names(kept_files) == []


def test_a_person_who_is_erased_while_the_file_is_being_kept_is_in_no_file(
    acme, bob, kept_files, monkeypatch, run_jobs
):
    with scope(acme):
        person = contacts(1)[0]
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    real = KeptWriter.keep

    def keep(self):
        kept = real(self)
        with scope(acme):
            erasure.erase(Contact.objects.get(pk=person.pk))
        return kept

    monkeypatch.setattr(KeptWriter, "keep", keep)
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert (made.state, made.file) == ("expired", "") and all_names(kept_files) == []


def test_of_two_workers_the_faster_one_makes_the_file(acme, bob, in_folder, monkeypatch):
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    real = KeptWriter.keep

    def keep(self):
        kept = real(self)
        monkeypatch.setattr(KeptWriter, "keep", real)
        running.run(acme.pk, made.pk)
        return kept

    monkeypatch.setattr(KeptWriter, "keep", keep)
    with pytest.raises(Interrupted):
        running.run(acme.pk, made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert made.state == "done" and all_names(in_folder) == [made.file] and content(made)


def test_a_worker_that_dies_before_the_row_leaves_no_export_that_claims_to_be_ready(acme, bob, kept_files, monkeypatch):
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    real = running._finish
    monkeypatch.setattr(running, "_finish", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        running.run(acme.pk, made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert (made.state, made.file) == ("running", "") and len(all_names(kept_files)) == 1
    monkeypatch.setattr(running, "_finish", real)
    running.run(acme.pk, made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert made.file in all_names(kept_files) and len(content(made)) == made.size


def lost(*args):
    raise OperationalError("server closed the connection unexpectedly")


def test_a_file_stays_whose_row_may_have_been_committed(acme, bob, kept_files, monkeypatch):
    """A commit that gives no answer may have arrived. The sweep knows a day later."""
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    monkeypatch.setattr(running, "_finish", lost)
    with pytest.raises(OperationalError):
        running.run(acme.pk, made.pk)
    assert len(all_names(kept_files)) == 1
    with (
        pytest.raises(OperationalError),
        uploading.received(acme, SimpleUploadedFile("a.csv", b"email\na@b.example"), bob),
    ):
        lost()
    assert len(all_names(kept_files)) == 2


@pytest.mark.parametrize("full", [True, False])
def test_an_export_that_cannot_be_kept_says_so(acme, bob, in_folder, monkeypatch, settings, full):
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    if full:
        settings.FILES_WORKSPACE_MB = 0
    else:
        monkeypatch.setattr(type(in_folder), "_save", lambda *args: (_ for _ in ()).throw(OSError("disk on fire")))
        with scope(acme):
            Job.objects.update(created_at=ago(days=1))
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
        assert made.state == "failed" and ("more than 0 MB" if full else "can't be stored") in made.job.message
    assert all_names(in_folder) == []


def test_an_export_is_read_where_it_was_made(acme, bob, as_user, settings, in_folder, run_jobs):
    """Whoever changes FILES_URL loses nothing: parts are read on, whatever is configured now."""
    with_place = settings.STORAGES
    settings.STORAGES = {name: value for name, value in with_place.items() if name != "files"}
    old = export(acme, user=bob)
    settings.STORAGES = dict(with_place)
    new = export(acme, user=bob)
    assert (old.file, bool(new.file)) == ("", True)
    assert download(as_user(bob), old) == download(as_user(bob), new)
    with scope(acme):
        running.expire(Export.objects.all())
    run_jobs()
    with scope(acme):
        assert not ExportPart.objects.exists()
    assert all_names(in_folder) == []
