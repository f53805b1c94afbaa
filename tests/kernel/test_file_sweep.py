"""Files that no row names are deleted, and no others."""

from __future__ import annotations

import io
import os
import time
from datetime import UTC, datetime, timedelta

from django.db import connections

from contacts.models import Export
from kernel.files import keeping, marker, names, sweeping
from kernel.files.keeping import Kept
from kernel.tenancy import scope
from tests.kept_files import all_names


def put(data: bytes = b"hello", workspace_id: int = 1) -> Kept:
    return keeping.put(workspace_id, "exports", io.BytesIO(data))


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
