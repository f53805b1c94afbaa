"""Excel workbooks, read as a person sees them; dangerous ones refused with advice."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import uploading, workbook_process
from contacts.imports.limits import Unreadable
from contacts.models import Contact, ContactField
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file


def workbook(*sheets: tuple[str, list[list]], formats: dict | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for cell, text in (formats or {}).items():
            sheet[cell].number_format = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, **files: bytes) -> bytes:
    """A workbook with added or replaced parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, files.pop(item.filename, None) or old.read(item))
        for name, content in files.items():
            new.writestr(name, content)
    return out.getvalue()


PEOPLE = [["E-mail", "Téléphone", "Né le", "Points", "Code postal", "VIP", "Prénom"]]


def test_cells_are_read_as_a_person_sees_them(acme):
    with scope(acme):
        for name, kind in (("born", "date"), ("points", "number"), ("zip", "text"), ("vip", "boolean")):
            ContactField.objects.create(name=name, label=name, kind=kind)
    rows = [
        *PEOPLE,
        ["a@example.com", 33612345678.0, dt.datetime(1970, 3, 12), 12.0, 1200, True, "=1+1"],
        [],
        ["b@example.com", 699999999, dt.datetime(1970, 3, 12, 8, 30), 1.5, 1200, "non", "#N/A"],
    ]
    mapping = [
        "email",
        "phone",
        "attributes:born",
        "attributes:points",
        "attributes:zip",
        "attributes:vip",
        "first_name",
    ]
    done = import_file(acme, workbook(("Clients", rows), formats={"E2": "00000"}), mapping, name="clients.xlsx")
    assert counts(done) == {"created": 2} and done.format == "xlsx" and done.sheet == "Clients"
    with scope(acme):
        a, b = Contact.objects.order_by("email")
    assert (a.phone, b.phone) == ("+33612345678", "+33699999999")
    assert a.attributes == {"born": "1970-03-12", "points": 12, "zip": "01200", "vip": True}
    assert b.attributes == {"born": "1970-03-12", "points": 1.5, "zip": "1200", "vip": False}
    assert a.first_name == "" == b.first_name  # a formula that was never calculated, and an error


def test_the_sheet_is_chosen(acme, bob, as_user):
    data = workbook(
        ("Empty", []),
        ("Notes", [["x"]]),
        ("People", [["email"], ["a@example.com"]]),
        ("Old", [["email"], ["b@example.com"]]),
    )
    client = as_user(bob)
    page = client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile("p.xlsx", data)})["Location"]
    assert "a@example.com" in client.get(page).content.decode()
    chosen = client.post(f"{page}reading/", {"sheet": "Old", "has_header": "on"}, follow=True).content.decode()
    assert "b@example.com" in chosen and "a@example.com" not in chosen
    refused = client.post(f"{page}reading/", {"sheet": "Empty", "has_header": "on"}, follow=True).content.decode()
    assert "Select a valid choice" in refused and "b@example.com" in refused, "it stays as it was"


BOOK = workbook(("S", [["email"], ["a@example.com"]]))


@pytest.mark.parametrize(
    "data, words",
    [
        (changed(BOOK, **{"xl/vbaProject.bin": b"macro"}), "macros"),
        (changed(BOOK, **{"xl/bomb.xml": b"0" * 80_000_000}), "too large once extracted"),
        (changed(BOOK, **{f"xl/p{n}.xml": b"x" for n in range(2100)}), "too large once extracted"),
        (BOOK[: len(BOOK) // 2], "damaged"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (changed(BOOK, **{"xl/workbook.xml": b"<nonsense"}), "can't be read"),
        (
            changed(
                BOOK, **{"xl/worksheets/sheet1.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}
            ),
            "can't be read|damaged|no rows",
        ),
        (workbook(("S", [])), "no rows"),
        (workbook(("S", [["email"] + ["x"] * 600])), "500 columns"),
    ],
)
def test_dangerous_and_broken_workbooks_are_refused_with_advice(acme, data, words):
    with scope(acme), pytest.raises(Unreadable, match=words):
        uploading.upload(SimpleUploadedFile("people.xlsx", data), None)


def test_a_zip_of_something_else_is_refused(acme):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("people.csv", "email\na@example.com\n")
    with scope(acme), pytest.raises(Unreadable, match="Extract"):
        uploading.upload(SimpleUploadedFile("people.zip", out.getvalue()), None)


def test_a_sheet_with_a_huge_row_number_is_refused(acme, monkeypatch):
    """Row numbers come from the file: a file that claims row 900,000,000 would be read for a very long time."""
    monkeypatch.setattr(workbook_process, "MAX_ROWS", 1000)
    sheet = (
        zipfile.ZipFile(io.BytesIO(BOOK))
        .read("xl/worksheets/sheet1.xml")
        .replace(b'r="2"', b'r="900000000"')
        .replace(b'"A2"', b'"A900000000"')
    )
    book = io.BytesIO(changed(BOOK, **{"xl/worksheets/sheet1.xml": sheet}))
    assert list(workbook_process.main(("rows", "S"), book))[-1] == {"problem": "rows", "n": 0}
    with scope(acme), pytest.raises(Unreadable, match="no rows"):
        uploading.upload(SimpleUploadedFile("p.xlsx", book.getvalue()), None)


def far_away(cell: str) -> io.BytesIO:
    """A sheet of two people and a stray cell."""
    book = openpyxl.Workbook()
    book.active.append(["email"])
    book.active.append(["a@x.example"])
    book.active[cell] = "x"
    out = io.BytesIO()
    book.save(out)
    return out


def test_blank_rows_above_a_stray_cell_cost_nothing():
    """Filled up to the widest row that is allowed, a sheet of 13 rows with a cell in the last one took two minutes."""
    sheet = openpyxl.load_workbook(far_away("C3000"), read_only=True).active
    rows = list(workbook_process._rows_of_openpyxl(sheet))
    assert len(rows) == 3000 and [len(row) for row in rows if row] == [1, 1, 3]


def test_a_stray_cell_in_the_last_column_is_told(acme):
    with scope(acme), pytest.raises(Unreadable, match="more than 500 columns"):
        uploading.upload(SimpleUploadedFile("a.xlsx", far_away("XFD3").getvalue()), None)
