"""Files outside the database: whole or not there, of one workspace, in a place that all machines see."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.exceptions import SuspiciousFileOperation

from contacts.models import Export
from kernel.files import folder, keeping, marker, sweeping
from kernel.files.keeping import Kept
from kernel.files.problems import Damaged, Full, Missing, Unavailable
from kernel.tenancy import scope
from tests.kept_files import all_names

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
