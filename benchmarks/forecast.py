"""Forecasting an import, against the import itself: how often the forecast fits into the import's time.

Each round forecasts and imports the same file into a workspace of its own. Both must count the same."""

from __future__ import annotations

import statistics

from django.core.files.base import ContentFile

from benchmarks import import_many, world
from benchmarks.import_csv import file_of, watched
from contacts.imports import forecasting, running, uploading
from contacts.models import ContactImport, ContactList, ImportList
from kernel.tenancy import scope

N, TARGET = 1_000_000, 3.0
MEMORY_TARGET = 200  # MB over idle
COUNTS = ("rows", "created", "updated", "skipped", "merged", "rejected")


def run(n: int, rounds: int) -> float:
    return _measure(file_of(n), n, rounds, _plain)


def many(n: int, rounds: int) -> float:
    """The same with tags, a list and five fields."""
    return _measure(import_many.file_of(n), n, rounds, _with_fields)


MANY = (many, N, TARGET)


def _measure(text: str, n: int, rounds: int, prepare) -> float:
    ratios, memory = [], 0.0
    for number in range(rounds):
        upload = prepare(text, f"forecast-{number}")
        forecast, grown = watched(lambda upload=upload: _forecast(upload))
        memory = max(memory, grown)
        written, grown_by_import = watched(lambda upload=upload: _import(upload))
        ratios.append(written / forecast)
        print(
            f"round {number + 1}: forecast {n / forecast:,.0f} rows/s and {grown:.0f} MB, import {n / written:,.0f} "
            f"rows/s and {grown_by_import:.0f} MB: {forecast / written:.2f} of its time"
        )
    print(f"memory while forecasting: {memory:.0f} MB over idle (at most {MEMORY_TARGET})")
    return statistics.median(ratios) if memory < MEMORY_TARGET else 0.0


def _plain(text: str, name: str) -> ContactImport:
    return _upload(world.workspace(name), text)


def _with_fields(text: str, name: str) -> ContactImport:
    workspace = import_many.world_of(name)
    upload = _upload(workspace, text, mapping=import_many.MAPPING)
    with scope(workspace):
        everyone = ContactList.objects.create(name="Everyone")
        ImportList.objects.create(contact_import=upload, contact_list=everyone)
    return upload


def _upload(workspace, text: str, **fields) -> ContactImport:
    with scope(workspace):
        upload = uploading.upload(ContentFile(text.encode(), name="a.csv"), None)
        for name, value in fields.items():
            setattr(upload, name, value)
        upload.consent_source = "bench"
        upload.preview = (upload.preview or {}) | {"forecast": {"token": "t", "done": False}}
        upload.save()
    return upload


def _forecast(upload: ContactImport) -> None:
    forecasting.run(upload.workspace_id, upload.pk, "t", budget=float("inf"))


def _import(upload: ContactImport) -> None:
    with scope(upload.workspace):
        upload.refresh_from_db()
        forecast = upload.preview["forecast"]
        running.start(upload, None)
    while not running.run(upload.workspace_id, upload.pk):
        pass
    with scope(upload.workspace):
        upload.refresh_from_db()
    counts = {name: getattr(upload, name) for name in COUNTS} | {"opted_out": upload.kept_out}
    said = {name: forecast["counts"].get(name, 0) for name in COUNTS} | {
        "opted_out": forecast["consent"]["email"]["opted_out"]
    }
    if counts != said:
        raise AssertionError(f"The forecast said {said}, the import {counts}.")
