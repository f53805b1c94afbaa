"""Machines and the place of files: each proves that it sees the one that the others see."""

from __future__ import annotations

import io
import os
import socket
from unittest.mock import Mock
from urllib.request import Request, urlopen

import pytest

from kernel.files import bucket, keeping, marker, places, sweeping
from kernel.files.keeping import Kept
from kernel.files.problems import Unavailable
from kernel.models import FileMarker
from tests.adminpanel.test_operating import manage
from tests.kept_files import all_names, bucket_options, use


def put(data: bytes = b"hello", workspace_id: int = 1) -> Kept:
    return keeping.put(workspace_id, "exports", io.BytesIO(data))


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
