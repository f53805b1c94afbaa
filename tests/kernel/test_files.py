"""Files outside the database: whole or not there, of one workspace, in a place that all machines see."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock
from urllib.request import Request, urlopen

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.db import connections

from contacts.models import Export
from kernel.files import bucket, folder, keeping, marker, names, places, sweeping
from kernel.files.keeping import Kept
from kernel.files.problems import Damaged, Full, Missing, Unavailable
from kernel.models import FileMarker
from kernel.tenancy import scope
from tests.adminpanel.test_operating import manage
from tests.kept_files import all_names, bucket_options, use

SEVERAL_PARTS = os.urandom(1024) * 1024 * 20  # 20 MB: three parts of a multipart upload


def put(data: bytes = b"hello", workspace_id: int = 1) -> Kept:
    return keeping.put(workspace_id, "exports", io.BytesIO(data))


@pytest.mark.parametrize("data", [b"", b"hello", SEVERAL_PARTS], ids=["empty", "small", "large"])
def test_what_is_put_can_be_read(db, kept_files, data):
    kept = put(data)
    assert (kept.size, kept.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert b"".join(keeping.chunks(kept)) == data
    with keeping.opened(kept) as file:
        file.seek(len(data) // 2)
        assert file.read() == data[len(data) // 2 :]
    assert all_names(kept_files) == [kept.name]
    keeping.delete(1, kept.name)
    keeping.delete(1, kept.name)  # a repeated job
    assert all_names(kept_files) == []
    with pytest.raises(Missing):
        list(keeping.chunks(kept))
    with pytest.raises(Missing), keeping.opened(kept):
        pass


def test_names_say_nothing_and_repeat_never(db, in_folder):
    first, second = put(), put()
    assert first.name != second.name
    assert first.name.startswith("1/exports/") and len(first.name.rpartition("/")[2]) == 32


@pytest.mark.parametrize(
    "name",
    [
        "2/exports/" + "a" * 32,
        "1/exports/../../2/exports/" + "a" * 32,
        "../" + "a" * 32,
        "/etc/passwd",
        "1/exports/" + "a" * 31,
        "1/exports/" + "a" * 32 + "\n",
        "11/exports/" + "a" * 32,
        marker.NAME,
        "",
    ],
)
def test_a_workspace_reaches_no_file_of_another_and_no_other_path(db, kept_files, name):
    """Whatever a row says."""
    put(workspace_id=2)
    with pytest.raises(SuspiciousFileOperation):
        list(keeping.chunks(Kept(1, name, 5, "")))
    with pytest.raises(SuspiciousFileOperation), keeping.opened(Kept(1, name, 5, "")):
        pass
    with pytest.raises(SuspiciousFileOperation):
        keeping.delete(1, name)
    assert len(all_names(kept_files)) == 1


def test_nobody_but_the_user_who_runs_fanfare_reads_a_folder(db, in_folder):
    old = os.umask(0)
    try:
        path = Path(in_folder.location) / put().name
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for parent in (path.parent, path.parent.parent, Path(in_folder.location)):
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700


def test_no_file_has_an_address(db, kept_files):
    with pytest.raises(ValueError, match="no address"):
        kept_files.url(put().name)


def test_an_object_has_no_acl_and_no_type_that_a_browser_runs(db, in_bucket):
    found = in_bucket.bucket.Object("fanfare/" + put(b"<script>").name)
    assert found.content_type == "application/octet-stream"
    grants = found.Acl().grants
    assert all("URI" not in grant["Grantee"] for grant in grants)


def tampered(place, kept: Kept, data: bytes) -> None:
    place.write(kept.name, data)


@pytest.mark.parametrize("data", [b"hellO", b"hell", b"hello!", b""])
def test_a_file_that_is_not_as_it_was_put_is_never_given_out_whole(db, kept_files, data):
    kept = put()
    tampered(kept_files, kept, data)
    got = []
    with pytest.raises(Damaged):
        got.extend(keeping.chunks(kept))
    assert len(b"".join(got)) < kept.size


@pytest.mark.parametrize("what", ["nothing", "another byte"])
def test_a_file_that_cannot_be_read_back_is_not_kept(db, kept_files, monkeypatch, what):
    real = type(kept_files).save

    def save(self, name, content):
        real(self, name, io.BytesIO(b"hellO") if what == "another byte" else content)
        if what == "nothing":
            self.delete(name)
        return name

    monkeypatch.setattr(type(kept_files), "save", save)
    with pytest.raises(Damaged if what == "another byte" else Missing):
        put()
    assert all_names(kept_files) == []


class Broken(io.BytesIO):
    """A file whose second reading breaks off: the first one measures it."""

    def read(self, size=-1):
        data = super().read(size)
        self.reads = getattr(self, "reads", 0) + 1
        if self.reads > 23:
            raise OSError("Input/output error")
        return data


def test_a_write_that_breaks_off_leaves_nothing(db, kept_files):
    with pytest.raises(Unavailable):
        keeping.put(1, "exports", Broken(SEVERAL_PARTS))
    assert all_names(kept_files) == []
    if kept_files.is_network:
        assert not list(kept_files.bucket.multipart_uploads.all())


def test_a_place_that_gives_no_answer_is_not_asked_again(db, kept_files, monkeypatch):
    """The file may have arrived all the same: then it is swept up."""
    put()
    real = kept_files.save

    def save(name, file):
        real(name, file)
        raise Unavailable("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(kept_files, "save", save)
        broken.setattr(kept_files, "delete", Mock(side_effect=AssertionError("asked again")))
        with pytest.raises(Unavailable, match="no answer"):
            put()
    assert len(all_names(kept_files)) == 2
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    sweeping.sweep()
    assert all_names(kept_files) == []


def test_a_file_that_arrives_damaged_is_not_left(db, kept_files, monkeypatch):
    real = kept_files.write
    with monkeypatch.context() as broken:
        broken.setattr(kept_files, "save", lambda name, file: real(name, b"other"))
        with pytest.raises(Damaged):
            put()
    assert all_names(kept_files) == []


def test_a_full_disk_is_said_and_leaves_nothing(db, in_folder, monkeypatch):
    put()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        put()
    assert len(all_names(in_folder)) == 1


def test_a_workspace_has_a_limit_of_bytes(acme, beta, in_folder, settings):
    settings.FILES_WORKSPACE_MB = 1
    for workspace in (acme, beta):
        with scope(workspace):
            Export.objects.create(kind="contacts", format="csv", name="x", file="x", size=1024 * 1024 - 5)
            Export.objects.create(kind="contacts", format="csv", name="in the database", size=10**9)
    assert keeping.put(acme.pk, "exports", io.BytesIO(b"12345")).size == 5
    with pytest.raises(Full, match="more than 1 MB"):
        keeping.put(acme.pk, "exports", io.BytesIO(b"123456"))
    assert len(all_names(in_folder)) == 1


# --- the place -------------------------------------------------------------------------------------------------------


def again(settings) -> places.Place:
    """The configured place, as another process sees it."""
    settings.STORAGES = dict(settings.STORAGES)
    assert not places.place().is_proven
    return places.place()


def test_every_machine_proves_that_it_sees_the_place(db, kept_files, settings):
    kept = put()
    again(settings)
    assert b"".join(keeping.chunks(kept)) == b"hello"
    put()


def test_a_machine_whose_folder_is_not_shared_keeps_and_deletes_nothing(db, in_folder, settings, tmp_path):
    kept = put()
    elsewhere = use(settings, "folder.FolderStorage", {"location": str(tmp_path / "own")})
    for refused in (put, lambda: keeping.delete(1, kept.name), sweeping.sweep):
        with pytest.raises(Unavailable, match="does not see the place"):
            refused()
    assert not (tmp_path / "own").exists() and not elsewhere.is_proven


def test_a_copy_of_the_installation_deletes_nothing_of_the_original(db, kept_files, settings):
    kept = put()
    settings.DEPLOYMENT_ID = "staging"
    again(settings)
    for refused in (put, lambda: keeping.delete(1, kept.name), sweeping.sweep):
        with pytest.raises(Unavailable, match="another installation"):
            refused()
    assert all_names(kept_files) == [kept.name]


def test_another_installations_place_is_refused(db, kept_files, settings):
    put()
    FileMarker.objects.all().delete()  # a database that was made anew
    again(settings)
    with pytest.raises(Unavailable, match="another installation"):
        put()


def test_an_operator_may_adopt_a_place(db, in_folder, settings, tmp_path):
    put()
    place = use(settings, "folder.FolderStorage", {"location": str(tmp_path / "moved")})
    marker.adopt(place)
    assert put().size == 5


def test_a_developers_machine_adopts_its_folder_itself(db, in_folder, settings):
    put()
    FileMarker.objects.all().delete()
    settings.LOCAL = True
    again(settings)
    put()


def test_two_machines_that_come_first_at_once_do_not_both_write_the_marker(
    db, in_folder, settings, tmp_path, monkeypatch
):
    """Each with its own folder, and none has seen the other's write."""
    real = marker._is_first
    taken = []

    def meanwhile() -> bool:
        taken.append(real())  # the other one was a moment earlier
        return real()

    monkeypatch.setattr(marker, "_is_first", meanwhile)
    with pytest.raises(Unavailable, match="does not see the place"):
        put()
    assert taken == [True]


def test_a_marker_that_could_not_be_written_is_written_when_the_place_is_mended(db, kept_files, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(kept_files, "write", Mock(side_effect=Unavailable("no rights")))
        with pytest.raises(Unavailable, match="no rights"):
            put()
    assert put().size == 5
    assert FileMarker.objects.get().written_at


def test_a_marker_whose_write_arrived_although_it_failed_is_written_once(db, kept_files, settings, monkeypatch):
    real = kept_files.write

    def write(name: str, data: bytes) -> None:
        real(name, data)
        raise Unavailable("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(kept_files, "write", write)
        with pytest.raises(Unavailable, match="no answer"):
            put()
    put()
    kept_files.delete(marker.NAME)
    again(settings)
    with pytest.raises(Unavailable, match="does not see the place"):
        put()


def run(folder_or_bucket: dict[str, str], arguments: str):
    """A command in a process of its own, as on another machine."""
    return manage(arguments, os.environ | {"FANFARE_LOCAL": "0", "FILES_URL": ""} | folder_or_bucket)


def test_two_machines_share_a_place(db, s3, tmp_path, in_bucket):
    of_bucket = {
        "FILES_URL": f"s3://{in_bucket.bucket_name}/shared",
        "FILES_ENDPOINT": s3,
        "FILES_REGION": "us-east-1",
        "FILES_KEY": "a",
        "FILES_SECRET": "b",
    }
    for place in ({"FILES_URL": str(tmp_path / "shared")}, of_bucket):
        FileMarker.objects.all().delete()
        for _machine in range(2):
            done = run(place, "files")
            assert "This machine sees it" in done.stdout, done.stderr
        alone = run({"FILES_URL": str(tmp_path / "alone")}, "files")
        assert alone.returncode == 1 and "does not see the place" in alone.stderr
    assert "in the database" in run({}, "files").stdout


@pytest.mark.parametrize(
    "url", ["files", "./files", "/", "http://x.example/", "s3://", "s3://key:secret@bucket/x", "ftp://x"]
)
def test_an_address_that_means_no_place_is_refused_at_the_start(url):
    done = run({"FILES_URL": url}, "check")
    assert done.returncode == 2 and "which is no place for files" in done.stderr


# --- a bucket that answers badly -------------------------------------------------------------------------------------


def of_bucket(settings, endpoint: str, name: str = "none", **change) -> None:
    use(settings, "bucket.BucketStorage", bucket_options(endpoint, name, **change))


def test_a_bucket_that_does_not_exist_is_said(db, s3, settings):
    of_bucket(settings, s3)
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        put()


def reset_auth(s3: str, calls: str) -> None:
    """How many calls moto answers before it asks who calls."""
    headers = {"Content-Type": "text/plain"}
    with urlopen(Request(f"{s3}/moto-api/reset-auth", calls.encode(), headers, method="POST")):
        pass


def test_a_wrong_key_is_said(db, s3, in_bucket):
    reset_auth(s3, "0")
    try:
        with pytest.raises(Unavailable, match="InvalidAccessKeyId"):
            put()
    finally:
        reset_auth(s3, "inf")


def test_a_server_that_does_not_answer_is_given_up(db, settings, monkeypatch):
    monkeypatch.setattr(bucket, "ATTEMPTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        of_bucket(settings, f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
        with pytest.raises(Unavailable, match="Timeout"):
            put()


def test_nothing_listens(db, settings, monkeypatch):
    monkeypatch.setattr(bucket, "ATTEMPTS", 1)
    of_bucket(settings, "http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="EndpointConnectionError"):
        put()


# --- what nobody names -----------------------------------------------------------------------------------------------


def named_by_a_row(workspace) -> Kept:
    kept = keeping.put(workspace.pk, "exports", io.BytesIO(b"named"))
    with scope(workspace):
        Export.objects.create(kind="contacts", format="csv", name="x", file=kept.name, size=kept.size)
    return kept


def test_files_that_no_row_names_are_deleted_after_a_day(acme, beta, kept_files, monkeypatch):
    kept = [named_by_a_row(acme), named_by_a_row(beta)]
    orphans = [keeping.put(workspace.pk, "exports", io.BytesIO(b"orphan")) for workspace in (acme, acme, beta)]
    assert sweeping.sweep() is None
    assert len(all_names(kept_files)) == 5  # their rows may still come
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    assert sweeping.sweep() is None
    assert sorted(all_names(kept_files)) == sorted(file.name for file in kept)
    assert not {file.name for file in orphans} & set(all_names(kept_files))


def test_a_row_of_another_workspace_keeps_no_file(acme, beta, in_folder, monkeypatch):
    orphan = keeping.put(acme.pk, "exports", io.BytesIO(b"orphan"))
    with scope(beta):
        Export.objects.create(kind="contacts", format="csv", name="x", file=orphan.name, size=6)
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    sweeping.sweep()
    assert all_names(in_folder) == []


def test_what_is_no_file_of_fanfare_is_left_alone(db, kept_files, monkeypatch):
    put()
    kept_files.write("lost+found", b"the operator's own")
    kept_files.write("1/exports/notes", b"the operator's own")
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    sweeping.sweep()
    assert b"".join(kept_files.chunks("lost+found")) == b"".join(kept_files.chunks("1/exports/notes"))
    assert b"".join(kept_files.chunks(marker.NAME))
    assert all_names(kept_files) == []


def test_an_unfinished_file_of_a_killed_process_is_deleted(db, in_folder, monkeypatch):
    unfinished = names.new(1, "exports") + names.UNFINISHED
    in_folder.write(unfinished, b"half")
    put()
    day = 24 * 3600
    os.utime(in_folder.path(unfinished), (time.time() - day - 60,) * 2)
    assert unfinished in all_names(in_folder)
    sweeping.sweep()
    assert unfinished not in all_names(in_folder) and len(all_names(in_folder)) == 1


def test_parts_of_a_killed_upload_are_freed(db, in_bucket):
    """On moto's server each upload began in 2010."""
    put()
    for key in ("fanfare/" + names.new(1, "exports"), "another/programs/upload", "fanfare/not-ours"):
        in_bucket.bucket.Object(key).initiate_multipart_upload()
    assert in_bucket.abandon(datetime(2010, 1, 1, tzinfo=UTC)) == 0
    assert len(list(in_bucket.bucket.multipart_uploads.all())) == 3
    sweeping.sweep()
    assert len(list(in_bucket.bucket.multipart_uploads.all())) == 2


def test_a_long_sweep_goes_on_where_it_stopped(acme, beta, kept_files, monkeypatch):
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for workspace in (acme, acme, acme, beta):
        keeping.put(workspace.pk, "exports", io.BytesIO(b"orphan"))
    rounds, after = 0, ""
    while after is not None:
        after = sweeping.sweep(after=after, budget=-1)
        rounds += 1
    assert all_names(kept_files) == [] and rounds == 4


def test_the_web_role_cannot_change_the_marker(db):
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(current_user, 'kernel_filemarker', 'SELECT, INSERT, UPDATE, DELETE')"
        )
        assert cursor.fetchone()[0] is False
