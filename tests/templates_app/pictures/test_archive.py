"""The export of a workspace has its pictures."""

import csv
import io
import time
import zipfile

import pytest

from contacts.exports import workspace_archive
from kernel.tenancy import scope
from templates_app.models import PictureFile
from tests.templates_app.pictures.drawn import photo


class Sink(io.BytesIO):
    rows = 0

    def seekable(self) -> bool:
        return False


def archive_of(workspace, **given) -> zipfile.ZipFile:
    sink = Sink()
    list(workspace_archive.write(sink, workspace.pk, **given))
    return zipfile.ZipFile(io.BytesIO(sink.getvalue()))


def rows(archive, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.mark.parametrize("place", ["folder", "database"])
def test_with_their_files_and_addresses(request, place, acme, beta, add):
    if place == "folder":
        request.getfixturevalue("in_folder")
    wool, gone = add("wool.jpg"), add("gone.jpg")
    add("theirs.jpg", photo(300, 200), beta)
    with scope(acme):
        gone.discard()
    archive = archive_of(acme)
    assert [row["name"] for row in rows(archive, "pictures.csv")] == ["wool.jpg"]
    files = rows(archive, "picture_files.csv")
    assert {file["path"] for file in files} == {file.path for file in wool.current_files}
    for file in files:
        assert len(archive.read(file["file"])) > 100
    assert sum(name.startswith("pictures/") for name in archive.namelist()) == 3
    assert b'"kept_files_left_out": 0' in archive.read("manifest.json")


def test_what_is_missing_or_too_much_is_counted_and_the_rest_is_there(acme, add, in_folder):
    add("wool.jpg")
    with scope(acme):
        lost = PictureFile.objects.defer("data").first()
    in_folder.delete(lost.file)
    assert b'"kept_files_left_out": 1' in archive_of(acme).read("manifest.json")
    late = archive_of(acme, files_until=time.monotonic())
    assert b'"kept_files_left_out": 3' in late.read("manifest.json") and rows(late, "pictures.csv")
