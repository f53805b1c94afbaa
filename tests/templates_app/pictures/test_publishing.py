"""The public addresses of pictures: for everybody, for ever, and for nothing else."""

import io
import threading
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from kernel.files import keeping, places, problems
from kernel.tenancy import scope
from templates_app import picture_addresses
from templates_app.models import PictureFile
from templates_app.pictures import publishing, storage, uploading
from tests.kept_files import all_names
from tests.templates_app.pictures.drawn import animation, photo


@pytest.fixture(autouse=True)
def _nothing_remembered():
    publishing.RECENT.clear()


def path_of(picture) -> str:
    return picture.shown.path


def test_a_kept_picture_is_served_to_everybody_without_cookie_or_statement(kept_files, add, client):
    path = path_of(add())
    assert len(all_names(kept_files)) == 3
    with CaptureQueriesContext(connections["default"]) as web, CaptureQueriesContext(connections["engine"]) as engine:
        answer = client.get(path, headers={"cookie": "session=abc"})
    assert (len(web), len(engine)) == (0, 0)
    assert answer.status_code == 200 and answer.content.startswith(b"\xff\xd8\xff")
    headers = answer.headers
    assert headers["Content-Type"] == "image/jpeg" and headers["Content-Length"] == str(len(answer.content))
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (
        headers["X-Content-Type-Options"] == "nosniff"
        and "default-src 'none'; sandbox" in headers["Content-Security-Policy"]
    )
    assert "Vary" not in headers and not answer.cookies
    again = client.get(path, headers={"if-none-match": headers["ETag"]})
    assert again.status_code == 304 and not again.content
    assert client.head(path).headers["Content-Length"] == headers["Content-Length"]
    assert client.post(path).status_code == 405


def test_where_files_are_in_the_database_it_is_one_row(add, client, settings, tmp_path):
    picture = add("wool.gif", animation())
    assert client.get(path_of(picture)).headers["Content-Type"] == "image/gif"
    assert client.get(picture.thumbnail.path).headers["Content-Type"] == "image/png"
    backend = {"BACKEND": "kernel.files.folder.FolderStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"files": backend}  # switched on later: its row is still read
    assert client.get(path_of(picture)).status_code == 200


def test_no_other_address_has_anything(in_folder, add, acme, beta, client):
    path = path_of(add())
    parts = picture_addresses.parts_of(path)
    kept = keeping.put(acme.pk, "exports", io.BytesIO(photo(20, 20)))
    key, digest = kept.name.rpartition("/")[2], kept.sha256
    wrong = [
        picture_addresses.path(beta.pk, parts.key, parts.hash, "jpg"),
        picture_addresses.path(
            acme.pk, parts.key, "0" * 16, "jpg"
        ),  # what would be kept for a year must be these bytes
        picture_addresses.path(acme.pk, parts.key, parts.hash, "png"),
        picture_addresses.path(acme.pk, "0" * 32, parts.hash, "jpg"),
        picture_addresses.path(acme.pk, key, digest, "jpg"),  # an export, which happens to be a picture
        f"/i/{10**17}9/{parts.key}/{parts.hash}.jpg",
        f"/i/{acme.pk}/../exports/{key}.jpg",
        f"/i/{acme.pk}/{parts.key}/{parts.hash}.svg",
        "/i/",
        "/i/x\0",
    ]
    for address in wrong:
        answer = client.get(address)
        assert answer.status_code == 404 and "immutable" not in answer.headers.get("Cache-Control", ""), address


def test_a_damaged_file_is_not_given_out(in_folder, add, client):
    path = path_of(add())
    (name,) = [name for name in all_names(in_folder) if path.split("/")[3] in name]
    file = Path(in_folder.location) / name
    file.write_bytes(file.read_bytes()[:-1])
    assert client.get(path).status_code == 404


def test_a_place_that_is_away_is_no_missing_picture(in_bucket, add, client, monkeypatch):
    path = path_of(add())
    monkeypatch.setattr(type(in_bucket), "chunks", lambda self, name: (_ for _ in ()).throw(ConnectionError("away")))
    answer = client.get(path)
    assert answer.status_code == 503 and answer.headers["Cache-Control"] == "no-store"


def test_a_slow_bucket_takes_few_threads_of_the_process(in_bucket, add, client, monkeypatch):
    path = path_of(add())
    monkeypatch.setattr(publishing, "READERS", threading.BoundedSemaphore(1))
    monkeypatch.setattr(publishing, "PATIENCE", 0.01)
    with publishing.READERS:
        assert client.get(path).status_code == 503
    assert client.get(path).status_code == 200


def test_of_a_bucket_the_last_pictures_are_remembered(in_bucket, add, client, monkeypatch):
    path = path_of(add())
    assert client.get(path).status_code == 200
    monkeypatch.setattr(type(in_bucket), "chunks", lambda self, name: pytest.fail("asked again"))
    assert client.get(path).status_code == 200


def test_what_an_upload_leaves_counts_and_is_discarded_where_it_fails(in_folder, acme, add, settings, monkeypatch):
    add()
    with scope(acme):
        total = sum(PictureFile.objects.values_list("size", flat=True))
    assert storage.used_bytes(acme.pk) == total > 0
    before = all_names(places.place())
    monkeypatch.setattr(uploading, "_write", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add("other.jpg")
    assert all_names(places.place()) == before
    settings.FILES_WORKSPACE_MB = 0
    with pytest.raises(problems.Full, match="Delete exports or uploads first"):
        add("third.jpg")
    assert all_names(places.place()) == before


def test_a_limit_holds_where_files_are_in_the_database_too(add, settings):
    settings.FILES_WORKSPACE_MB = 0
    with pytest.raises(problems.Full):
        add()
