"""Files that cost a reader minutes and gigabytes are refused, or read in little time, beside the web process."""

import gc
import io
import random
import resource
import threading
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl.xml.constants import SHARED_STRINGS

from contacts.imports import prefetch, queueing, row_stream, stored_file, uploading, workbooks
from contacts.imports.limits import MAX_AT_WORK, MAX_WAITING, Unreadable
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport, ImportPart
from kernel import bounded_process
from kernel.bounded_process import Limits
from kernel.tenancy import scope
from tests.contacts.imports.test_workbooks import BOOK, changed, workbook

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def of_rows(rows: str) -> bytes:
    """A workbook whose sheet has these rows."""
    sheet = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    return changed(BOOK, **{SHEET: sheet.encode()})


def with_texts(n: int, size: int = 4) -> bytes:
    """A workbook with `n` shared texts of about 2 * `size` characters, in a part with an odd name: it is found by its
    content type."""
    texts = (
        f'<sst xmlns="{NAMESPACE}">'
        + "".join(f"<si><t>{random.randbytes(size).hex()}</t></si>" for _ in range(n))
        + "</sst>"
    )
    part = '<Override PartName="/xl/s.xml" ContentType="' + SHARED_STRINGS + '"/></Types>'
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        types = archive.read("[Content_Types].xml").replace(b"</Types>", part.encode())
    return changed(BOOK, **{"[Content_Types].xml": types, "xl/s.xml": texts.encode()})


def upload(workspace, data: bytes, name: str = "p.xlsx") -> tuple[str, float]:
    """(what the member is told, seconds of CPU of the web process)."""
    began = time.process_time()
    with scope(workspace):
        try:
            uploading.upload(SimpleUploadedFile(name, data), None)
        except Unreadable as problem:
            return str(problem), time.process_time() - began
    return "ok", time.process_time() - began


def test_blank_rows_count(acme):
    """Some kilobytes that are a million rows, and fifty sheets of them."""
    data = of_rows('<row r="1"><c t="inlineStr"><is><t>email</t></is></c></row>' + "<row/>" * 300_000)
    assert len(data) < 20_000
    told, seconds = upload(acme, data)
    assert "no rows" in told and seconds < 2
    told, seconds = upload(acme, of_rows("<row/>" * 300_000))
    assert "no rows" in told and seconds < 2


def test_a_sheet_that_begins_late_and_small_ones_after_a_large_one_are_found(acme):
    blank_first = workbook(("S", [[]] * 300 + [["email"], ["a@example.com"]]))
    assert upload(acme, blank_first)[0] == "ok"
    many = workbook(("L", [["email"] * 20] * 3000), ("S", [["phone"], ["0612345678"]]))
    with scope(acme):
        done = uploading.upload(SimpleUploadedFile("p.xlsx", many), None)
        assert [len(rows) for rows in done.preview["sheets"].values()] == [21, 2]


@pytest.mark.parametrize("limits", [Limits(memory=1 << 30, cpu=1, wall=30), Limits(memory=1 << 30, cpu=30, wall=1)])
def test_what_takes_long_is_ended_from_outside(acme, monkeypatch, limits):
    monkeypatch.setattr(workbooks, "SAMPLE_LIMITS", limits)
    began = time.monotonic()
    told, seconds = upload(acme, with_texts(600_000))
    assert "too large once extracted" in told and seconds < 2 and time.monotonic() - began < 20


def test_what_takes_much_memory_is_ended_from_outside(acme, monkeypatch):
    monkeypatch.setattr(workbooks, "SAMPLE_LIMITS", Limits(memory=120 << 20, cpu=30, wall=60))
    large = with_texts(400_000, 150)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "too large once extracted" in upload(acme, large)[0]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_workspace_has_one_workbook_read_at_a_time(acme, beta):
    with bounded_process.place_for(acme.pk):
        assert "Another workbook" in upload(acme, BOOK)[0]
        assert upload(beta, BOOK)[0] == "ok"
    assert upload(acme, BOOK)[0] == "ok"


def test_nothing_is_left_of_a_process_that_is_not_wanted_any_more():
    file = workbooks._real_file(io.BytesIO(of_rows("<row/>" * 200_000)))
    with file as source:
        messages = bounded_process.messages(
            workbooks.MODULE, "rows", "S", file=source, limits=Limits(memory=1 << 30, cpu=60, wall=60)
        )
        assert next(messages) == []
        process = messages.gi_frame.f_locals["process"]
        messages.close()
    assert process.returncode is not None
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.fixture
def stored(acme):
    """store(data) is an import of a CSV file with this content."""

    def store(data: bytes) -> ContactImport:
        with scope(acme):
            made = ContactImport.objects.create(name="p.csv", size=len(data), delimiter=",", encoding="utf-8")
            for n in range(0, len(data), stored_file.PART):
                piece = data[n : n + stored_file.PART]
                ImportPart.objects.create(contact_import=made, n=n // stored_file.PART, data=piece)
        return made

    return store


def test_a_file_without_line_ends_is_refused(acme, stored):
    began = time.process_time()
    with scope(acme), pytest.raises(Unreadable, match="far too long"):
        list(row_stream.rows(stored(b"a" * 30_000_000), using="default"))
    assert time.process_time() - began < 3


def test_a_row_of_very_many_cells_is_rejected_alone(acme, stored):
    with scope(acme):
        source = row_stream.rows(stored(b"email\na\n" + b"," * 100_000 + b"\nb\n"), using="default")
        rows = [cells for _, cells in source]
    assert [cells if isinstance(cells, list) else "rejected" for cells in rows] == [["a"], "rejected", ["b"]]


def test_a_chunk_is_bounded_by_its_size(monkeypatch):
    monkeypatch.setattr(prefetch, "Chunk", lambda lines, _settings, _reading: lines)
    source = ((n, ["a" * 100_000]) for n in range(1000))
    sizes = [len(lines) for lines in prefetch.chunks(source, RunSettings(["email"]), skip=0)]
    assert sum(sizes) == 1000 and max(sizes) <= prefetch.MAX_CHARACTERS // 100_000 + 1


def test_python_looks_for_cycles_once_in_thousands_of_rows():
    """Rows have none. Looking for them took as long as reading the rows."""
    before, phases = gc.get_threshold(), []
    source = ((n, [f"p{n}@shop.example", "Ann"]) for n in range(20_000))

    def note(phase, _details):
        phases.append(phase)

    gc.callbacks.append(note)
    try:
        rows = sum(chunk.size for chunk in prefetch.chunks(source, RunSettings(["email", "first_name"]), skip=0))
    finally:
        gc.callbacks.remove(note)
    assert rows == 20_000 and phases.count("start") <= 5
    assert gc.get_threshold() == before


def test_a_workspace_does_not_fill_the_queue(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        ContactImport.objects.bulk_create(
            ContactImport(name=f"{n}.csv", size=1, state=ContactImport.State.RUNNING) for n in range(MAX_AT_WORK)
        )
        one = ContactImport.objects.create(name="p.csv", size=1, preview={"forecast": {"done": True}})
    page = client.post(f"/w/acme/contacts/imports/{one.pk}/start/", follow=True).content.decode()
    assert "Start this one when one of them has ended" in page
    with scope(acme):
        one.refresh_from_db()
        assert one.state == ContactImport.State.UPLOADED
        ContactImport.objects.filter(state=ContactImport.State.RUNNING).first().delete()
        queueing.refuse_more_work(one)
        ContactImport.objects.bulk_create(ContactImport(name=f"{n}.csv", size=1) for n in range(MAX_WAITING))
    file = SimpleUploadedFile("p.csv", b"email\na@example.com\n")
    page = client.post("/w/acme/contacts/imports/new/", {"file": file, "target": "contacts"}).content.decode()
    assert "Import or discard some of them first" in page
