"""The daily job that deletes files which no row names."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from adminpanel import jobs
from delivery.models import Deployment
from delivery.sending import restore_guard
from kernel.files import keeping, sweeping
from tests.kept_files import all_names


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(sweeping, "MIN_AGE", timedelta(seconds=-60))


def orphan(workspace_id: int = 1) -> None:
    keeping.put(workspace_id, "exports", io.BytesIO(b"orphan"))


def test_orphans_are_deleted(db, kept_files):
    orphan()
    jobs.sweep_files()
    assert all_names(kept_files) == []


def test_a_restored_database_deletes_nothing(db, in_folder):
    """Its rows are older than the files."""
    orphan()
    restore_guard.may_send()
    Deployment.objects.using("engine").update(held_at=timezone.now(), held_because="restored")
    jobs.sweep_files()
    assert len(all_names(in_folder)) == 1


def test_many_files_are_swept_by_several_jobs(db, in_folder, monkeypatch, run_jobs):
    for workspace_id in (1, 2, 3):
        orphan(workspace_id)
    real = sweeping.sweep
    monkeypatch.setattr(sweeping, "sweep", lambda *, after: real(after=after, budget=-1))
    jobs.sweep_files()
    assert len(all_names(in_folder)) == 2
    assert run_jobs() == ["adminpanel.sweep_files"] * 3
    assert all_names(in_folder) == []


def test_files_in_the_database_need_no_sweep(db):
    jobs.sweep_files()
