"""Uploads where FILES_URL says: kept, imported, swept, and what happens where the place fails."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.models import Job
from adminpanel.demo import story
from contacts import jobs
from contacts.exports import parts, running
from contacts.imports import running as importing
from contacts.imports import stored_file, uploading
from contacts.models import Contact, ContactImport, Export, ImportPart
from contacts.privacy import purging
from kernel.files import keeping
from kernel.files.problems import Missing, Unavailable
from kernel.jobs import TryAgain
from kernel.tenancy import scope
from tests.contacts.exports.test_exporting import export
from tests.contacts.imports.running import finish, prepare
from tests.contacts.imports.test_workbooks import workbook
from tests.contacts.privacy.test_purging import ago
from tests.kept_files import all_names

IMPORTS = "/w/acme/contacts/imports/"


MAPPED = {"column_0": "email", "column_1": "first_name", "consent_source": "fair", "confirmed": "on"}


def upload(client, data: bytes, name: str = "p.csv"):
    return client.post(IMPORTS + "new/", {"file": SimpleUploadedFile(name, data)})


def lost(*args):
    raise OperationalError("server closed the connection unexpectedly")


# --- imports ---------------------------------------------------------------------------------------------------------


def no_call(*args):
    raise AssertionError("a page must not ask the place")


def test_an_import_on_the_pages(acme, bob, as_user, run_jobs, kept_files, monkeypatch):
    client = as_user(bob)
    page = upload(client, "E-mail;Prénom\na@example.com;Éa\nbad;X\n".encode("cp1252"))["Location"]
    with scope(acme):
        made = ContactImport.objects.get()
    assert all_names(kept_files) == [made.file] and made.sha256
    with monkeypatch.context() as patched:
        patched.setattr(type(kept_files), "chunks", no_call)
        patched.setattr(type(kept_files), "open_here", no_call)
        assert "Éa" in client.get(page).content.decode()
        client.post(page + "forecast/new/", MAPPED)
    assert run_jobs() == ["contacts.forecast_import"]
    assert "An address must have exactly one @" in client.get(page + "forecast/").content.decode()
    client.post(page + "start/")
    assert run_jobs().count("kernel.delete_file") == 1
    assert re.findall(r"<dd>(\d+)</dd>", client.get(page).content.decode())[:2] == ["2", "1"]
    with scope(acme):
        made.refresh_from_db()
        assert made.file == "" and not ImportPart.objects.exists()
        assert Contact.objects.get().first_name == "Éa"
    assert all_names(kept_files) == []


def test_another_encoding_is_read_from_the_kept_file(acme, bob, as_user, kept_files):
    client = as_user(bob)
    rows = b"".join(b"p%d@example.com;Ana\n" % n for n in range(30))
    page = upload(client, b"email;name\n" + rows + "z@example.com;Ž\n".encode("cp1250"))["Location"]
    formats = {"encoding": "cp1250", "delimiter": ";", "has_header": "on", "multiline_cells": "on", "skip_lines": "0"}
    assert client.post(page + "reading/", formats)["Location"].endswith("?columns=1")
    with scope(acme):
        made = ContactImport.objects.get()
    assert made.encoding == "cp1250" and made.lines == 32


def test_samples_of_a_large_file_are_those_of_the_file(acme, in_folder):
    line = b"p@example.com;2026-11-28;a name of some length\n"
    data = b"email;date;name\n" + line * (2_000_000 // len(line))
    file = SimpleUploadedFile("p.csv", data)
    kept = stored_file.keep(acme.pk, file)
    with scope(acme):
        in_parts, made = uploading.upload(file, None), uploading.upload(file, None, kept=kept)
        assert stored_file.beginning(made) == stored_file.beginning(in_parts) == data[: 256 * 1024]
        positions = stored_file._sample_positions(made)
        assert list(stored_file.samples(made)) == [data[n : n + 64 * 1024] for n in positions] and len(positions) > 7
        size = sum(len(part.data) for part in made.parts.all())
    assert size < 900_000


def keep_upload(workspace, data: bytes, name: str = "people.csv", **fields) -> ContactImport:
    """A kept file, ready to run."""
    file = SimpleUploadedFile(name, data)
    kept = stored_file.keep(workspace.pk, file)
    with scope(workspace):
        made = uploading.upload(file, None, kept=kept)
        made.consent_source = "fair"
        made.save()
    return made


@pytest.mark.parametrize(
    "data, name",
    [
        (b"email,name\n" + b"".join(b"p%d@example.com,A\n" % n for n in range(40)), "p.csv"),
        (workbook(("S", [["email", "name"], *([f"p{n}@example.com", "A"] for n in range(40))])), "p.xlsx"),
        (b"[" + b",".join(b'{"email": "p%d@example.com"}' % n for n in range(40)) + b"]", "p.json"),
    ],
)
def test_every_kind_of_file_is_imported(acme, kept_files, data, name, run_jobs):
    assert finish(acme, keep_upload(acme, data, name)).created == 40
    run_jobs()
    assert all_names(kept_files) == []


def test_an_import_that_was_killed_goes_on(acme, in_folder, monkeypatch):
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 10)
    made = keep_upload(acme, b"email\n" + b"".join(b"p%d@example.com\n" % n for n in range(40)))
    with scope(acme):
        importing.start(made, None)
    assert importing.run(acme.pk, made.pk, budget=-1) is False
    with scope(acme):
        assert 0 < Contact.objects.count() < 40
    while not importing.run(acme.pk, made.pk):
        pass
    with scope(acme):
        assert Contact.objects.count() == 40


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04rest of a zip", b"email\n", b"%PDF-1.7 binary \0\0", b""], ids=["zip", "bare", "pdf", "empty"]
)
def test_a_file_that_is_refused_leaves_nothing(acme, bob, as_user, kept_files, data):
    assert upload(as_user(bob), data).status_code == 200
    with scope(acme):
        assert not ContactImport.objects.exists()
    assert all_names(kept_files) == []


def test_a_fault_after_the_file_leaves_neither_row_nor_file(acme, bob, as_user, kept_files, monkeypatch):
    monkeypatch.setattr("contacts.views.imports.imports._check_retry", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upload(as_user(bob), b"email\na@example.com\n")
    with scope(acme):
        assert not ContactImport.objects.exists() and not ImportPart.objects.exists()
    assert all_names(kept_files) == []


def test_a_place_that_is_down_is_said_and_nothing_is_uploaded(acme, bob, as_user, in_folder, monkeypatch):
    monkeypatch.setattr(type(in_folder), "_save", lambda *args: (_ for _ in ()).throw(OSError("disk on fire")))
    answer = upload(as_user(bob), b"email\na@example.com\n")
    assert "Files can&#x27;t be stored at the moment" in answer.content.decode()
    with scope(acme):
        assert not ContactImport.objects.exists()


def test_a_workspace_over_its_limit_is_told_what_to_do(acme, bob, as_user, in_folder, settings):
    settings.FILES_WORKSPACE_MB = 0
    assert "more than 0 MB" in upload(as_user(bob), b"email\na@example.com\n").content.decode()


def test_the_command_keeps_its_file_as_the_page_does(acme, tmp_path, kept_files, run_jobs):
    file = tmp_path / "a.csv"
    file.write_text("email\na@example.com\n")
    call_command("import_contacts", "acme", str(file), consent="shop", stdout=io.StringIO())
    assert len(all_names(kept_files)) == 1
    with scope(acme):
        assert Contact.objects.count() == 1
    assert run_jobs().count("kernel.delete_file") == 1 and all_names(kept_files) == []
    file.write_text("something\nelse\n")
    with pytest.raises(CommandError, match="No column is known"):
        call_command("import_contacts", "acme", str(file), consent="shop")
    assert all_names(kept_files) == []


def test_the_command_says_that_a_file_cannot_be_kept(acme, tmp_path, in_folder, monkeypatch):
    monkeypatch.setattr(type(in_folder), "_save", lambda *args: (_ for _ in ()).throw(OSError("disk on fire")))
    file = tmp_path / "a.csv"
    file.write_text("email\na@example.com\n")
    with pytest.raises(CommandError, match="disk on fire"):
        call_command("import_contacts", "acme", str(file), consent="shop")


def test_the_demo_keeps_its_file_as_the_page_does(db, in_folder, run_jobs):
    made = story.import_people(story.workspace("a long password"), 20)
    assert made.created and len(all_names(in_folder)) == 1
    assert "kernel.delete_file" in run_jobs()
    assert all_names(in_folder) == []


def test_a_file_that_is_discarded_is_deleted(acme, bob, as_user, kept_files, run_jobs):
    client = as_user(bob)
    page = upload(client, b"email\na@example.com\n")["Location"]
    client.post(page + "delete/")
    assert run_jobs() == ["kernel.delete_file"] and all_names(kept_files) == []


def test_old_uploads_and_files_of_failed_imports_are_deleted(acme, kept_files, run_jobs):
    waiting, failed, young = (keep_upload(acme, b"email\na@example.com\n") for _n in range(3))
    with scope(acme):
        ContactImport.objects.exclude(pk=young.pk).update(uploaded_at=ago(days=8))
        ContactImport.objects.filter(pk=failed.pk).update(state="failed")
    purging.purge()
    run_jobs()
    with scope(acme):
        assert not ContactImport.objects.filter(pk=waiting.pk).exists()
        failed.refresh_from_db()
        assert failed.file == "" and not stored_file.is_there(failed) and stored_file.is_there(young)
    assert all_names(kept_files) == [young.file]


def test_a_file_that_vanished_fails_the_import_which_offers_no_second_try(acme, bob, as_user, kept_files, run_jobs):
    made = keep_upload(acme, b"email\na@example.com\n")
    kept_files.delete(made.file)
    client, page = as_user(bob), f"{IMPORTS}{made.pk}/"
    answer = client.post(page + "reading/", {"encoding": "cp1252", "delimiter": ","}, follow=True)
    assert "This file is no longer available. Upload it again." in answer.content.decode()
    with scope(acme):
        importing.start(made, None)
    jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert (made.state, made.file) == ("failed", "")
    shown = client.get(page).content.decode()
    assert (
        "The file is no longer available. Import it again" in shown and "Resume" not in shown and "Missing" not in shown
    )
    assert "no longer available" in client.post(page + "start/", follow=True).content.decode()


def test_a_check_of_a_file_that_vanished_says_so_and_offers_no_start(acme, bob, as_user, kept_files, run_jobs):
    client = as_user(bob)
    page = upload(client, b"email,first name\na@example.com,Ana\n")["Location"]
    with scope(acme):
        kept_files.delete(ContactImport.objects.get().file)
    assert "Start import" in client.post(page + "forecast/new/", MAPPED, follow=True).content.decode()
    run_jobs()
    shown = client.get(page).content.decode()
    assert "This file is no longer available. Upload it again." in shown
    assert "Start import" not in shown and "Change the columns" not in shown
    assert (
        'id="start-import" hx-swap-oob="delete"'
        in client.get(page + "forecast/", HTTP_HX_REQUEST="true").content.decode()
    )
    client.post(page + "start/")
    with scope(acme):
        assert ContactImport.objects.get().state == "uploaded"


def test_a_fault_of_the_program_has_no_name_on_the_page(acme, bob, as_user, in_folder, monkeypatch):
    made = keep_upload(acme, b"email\na@example.com\n")
    with scope(acme):
        importing.start(made, None)
    monkeypatch.setattr(importing, "_import_chunk", lambda *args: {}["no_such_key"])
    jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
    shown = as_user(bob).get(f"{IMPORTS}{made.pk}/").content.decode()
    assert "Something went wrong on our side." in shown and "KeyError" not in shown and "Resume" in shown


def test_an_import_waits_for_a_place_that_is_down(acme, bob, as_user, in_folder, monkeypatch):
    made = keep_upload(acme, b"email\na@example.com\n")
    with scope(acme):
        importing.start(made, None)
    with monkeypatch.context() as down:
        down.setattr(type(in_folder), "open_here", lambda *args: (_ for _ in ()).throw(OSError("disk on fire")))
        with pytest.raises(TryAgain):  # the queue repeats a job that raises
            jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
        with scope(acme):
            Job.objects.update(created_at=ago(days=1))
        jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
    shown = as_user(bob).get(f"{IMPORTS}{made.pk}/").content.decode()
    assert "This file can&#x27;t be read at the moment." in shown and "Resume" in shown
    with scope(acme):
        made.refresh_from_db()
        importing.start(made, None)
    jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
    with scope(acme):
        assert Contact.objects.get().email == "a@example.com"


def test_an_import_of_a_damaged_file_writes_nothing(acme, in_bucket):
    made = keep_upload(acme, b"email\na@example.com\n")
    in_bucket.write(made.file, b"email\nb@example.com\n")
    with scope(acme):
        importing.start(made, None)
    jobs.import_contacts(workspace_id=acme.pk, import_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
        assert made.state == "failed" and not Contact.objects.exists()


def test_an_upload_from_before_is_imported(acme, in_folder):
    """It is in parts, though a place is configured now."""
    made = prepare(acme, b"email,name\na@example.com,Ana\n")
    assert made.file == ""
    assert finish(acme, made).created == 1


def test_an_import_that_could_not_be_finished_keeps_its_file(acme, in_folder, monkeypatch, run_jobs):
    made = keep_upload(acme, b"email\na@example.com\n")
    with scope(acme):
        importing.start(made, None)
    monkeypatch.setattr(importing.effects, "sort", lambda *args: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        importing.run(acme.pk, made.pk)
    assert "kernel.delete_file" not in run_jobs()
    assert all_names(in_folder) == [made.file]


def test_a_deletion_that_fails_is_repeated(acme, in_folder, monkeypatch, run_jobs):
    made = export(acme)
    with scope(acme):
        running.expire(Export.objects.all())
    monkeypatch.setattr(type(in_folder), "delete", lambda *args: (_ for _ in ()).throw(OSError("disk on fire")))
    with pytest.raises(Unavailable):  # the queue repeats a job that raises
        run_jobs()
    assert all_names(in_folder) == [made.file]
    monkeypatch.undo()
    keeping.delete(acme.pk, made.file)
    with pytest.raises(Missing):
        list(parts.stream(made))
