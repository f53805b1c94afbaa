"""How a file becomes rows: nobody vanishes behind quotation marks, titles are skipped, and lines add up."""

import itertools
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.imports import forecasting, survey_texts, uploading
from contacts.models import Contact, ContactImport, RejectedRow
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare
from tests.contacts.imports.test_workbooks import workbook

FILES = Path(__file__).parent / "files"
PAGE = "/w/acme/contacts/imports/"
numbers = itertools.count()
several = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def upload(workspace, data: bytes | str, name: str = "p.csv") -> ContactImport:
    return prepare(workspace, data, name=name)


def forecast(workspace, done: ContactImport) -> dict:
    with scope(workspace):
        done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
    return done.preview["forecast"]["counts"]


def emails(workspace) -> list[str]:
    with scope(workspace):
        return sorted(Contact.objects.values_list("email", flat=True))


def told(done: ContactImport) -> str:
    return " ".join(notice.text for notice in survey_texts.notices(done))


def test_people_after_a_mark_that_is_never_closed_come_in(acme):
    done = upload(acme, (FILES / "quote-never-closed.csv").read_bytes())
    assert "never closed: lines 2–4 were read one by one" in told(done)
    assert counts(finish(acme, done)) == {"created": 3}
    with scope(acme):
        assert Contact.objects.get(email="ann@shop.example").first_name == "Ann"


def test_people_within_a_cell_come_in_and_the_difference_is_told(acme):
    done = upload(acme, (FILES / "quotes-around-forty-people.csv").read_bytes())
    assert not done.multiline_cells and "40 rows more than if quotation marks span lines" in told(done)
    assert forecast(acme, done)["created"] == 60 and counts(finish(acme, done)) == {"created": 60}
    assert survey_texts.lines_sentence(done, 60) == "The file has 61 lines: 60 rows, 1 with the column names."


def test_the_merchant_may_choose_that_marks_span_lines(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("p.csv", (FILES / "quotes-around-forty-people.csv").read_bytes())
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    assert "Read line by line: 40 rows more" in client.get(page).content.decode()
    chosen = {"encoding": "utf-8", "delimiter": ",", "has_header": "on", "multiline_cells": "on"}
    answer = client.post(page + "reading/", chosen, follow=True).content.decode()
    assert "40 lines within quotation marks look like rows of their own (lines 6–46)" in answer
    assert "40 rows more: untick “Quotation marks may span lines”" in answer
    with scope(acme):
        done = ContactImport.objects.get()
    assert done.multiline_cells and forecast(acme, done)["rows"] == 20
    assert "40 within cells of other rows" in survey_texts.lines_sentence(done, 20)
    shown = client.get(page).content.decode()
    assert "40 within cells of other rows" in shown and "look like rows of their own" in shown


def test_notes_of_several_lines_stay_in_their_cell(acme):
    data = 'email,first name,note\na@example.com,Ann,"Dear Ann,\nsee you\n\nBob"\nb@example.com,Bob,x\n'
    done = upload(acme, data)
    assert done.multiline_cells and not told(done)
    assert counts(finish(acme, done)) == {"created": 2}
    assert survey_texts.lines_sentence(done, done.rows) == (
        "The file has 6 lines: 2 rows, 1 with the column names, 3 within cells of other rows."
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first_cell", ['"Sales\n2nd floor"', '"Sales\n"', '"Sales ""South""\n2nd ""big"" floor"'])
def test_a_first_cell_of_several_lines_is_no_row_of_its_own(acme, first_cell, end):
    """All cells but the beginning of one stand in its last line."""
    lines = ["office;status;email", f"{first_cell};client;a@example.com", "Paris;client;b@example.com"]
    done = upload(acme, "\n".join(lines).replace("\n", end))
    assert done.multiline_cells and not told(done)
    assert counts(finish(acme, done)) == {"created": 2}


def test_a_note_with_an_address_is_reported_and_not_torn(acme):
    data = 'email,first name,note\na@example.com,Ann,"Write to\nher boss: boss@example.com\nif away"\n'
    done = upload(acme, data)
    assert done.multiline_cells and "1 line within quotation marks looks like a row of its own" in told(done)
    finish(acme, done)
    assert emails(acme) == ["a@example.com"]


@given(
    people=st.integers(3, 60),
    first=st.integers(0, 58),
    length=st.integers(1, 58),
    columns=st.integers(1, 4),
    delimiter=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@several
def test_two_stray_marks_hide_nobody(acme, people, first, length, columns, delimiter, end):
    first %= people - 1
    last = min(first + length, people - 1)
    domain = f"e{next(numbers)}.example"
    rows = [[f"p{n}@{domain}", *(f"value {n}" for _ in range(columns))] for n in range(people)]
    rows[first][-1] = '"' + rows[first][-1]
    rows[last][-1] += '"'
    data = end.join(delimiter.join(row) for row in [["email", *"abcd"[:columns]], *rows])
    done = upload(acme, data)
    finish(acme, done)
    assert sum(email.endswith(domain) for email in emails(acme)) == people
    assert f"{last - first} row" in told(done)


def test_lines_rows_and_people_add_up(acme):
    data = 'My list\n\nemail,name\na@example.com,"A\nB"\n\nbad,x\na@example.com,Z\n\n'
    done = import_file(acme, data)
    assert counts(done) == {"created": 1, "merged": 1, "rejected": 1} and (done.lines, done.skip_lines) == (9, 2)
    assert survey_texts.lines_sentence(done, done.rows) == (
        "The file has 9 lines: 3 rows, 1 with the column names, 2 skipped above them, 1 within a cell of another row,"
        " 2 blank."
    )


def test_the_rows_of_a_sheet_add_up(acme):
    rows = [["Our club"], [], ["email", "name"], ["a@example.com", "A"], [], ["b@example.com", "B"]]
    done = upload(acme, workbook(("S", rows)), "p.xlsx")
    assert done.skip_lines == 2 and forecast(acme, done)["rows"] == 2
    expected = "The file has 6 lines: 2 rows, 1 with the column names, 2 skipped above them, 1 blank."
    assert survey_texts.lines_sentence(done, 2) == expected
    finish(acme, done)
    assert survey_texts.lines_sentence(done, done.rows) == expected


def test_titles_above_the_column_names_are_skipped(acme):
    done = upload(acme, (FILES / "title-rows.csv").read_bytes())
    assert done.skip_lines == 2 and done.mapping[:2] == ["full_name", "email"]
    assert counts(finish(acme, done)) == {"created": 2}


@pytest.mark.parametrize("titles", [["Export"], ["Export", "", "2026"], ["Club;;", "", "x;;"], [""] * 3])
@pytest.mark.parametrize("people", [1, 3, 40])
@pytest.mark.parametrize("columns", [3, 4, 8])
def test_titles_of_many_kinds(acme, titles, people, columns):
    header = ["E-mail", "Prénom", "Nom", "Ville", "a", "b", "c", "d"][:columns]
    rows = [";".join(header), *(";".join([f"p{n}@example.com", *["x"] * (columns - 1)]) for n in range(people))]
    done = upload(acme, "\n".join([*titles, *rows]) + "\n")
    with scope(acme):
        sample = uploading.read_sample(done)
    assert sample.rows[0] == header and done.mapping[:3] == ["email", "first_name", "last_name"]


@pytest.mark.parametrize(
    "data",
    [
        "email,,,\na@example.com,x,y,z\nb@example.com,x,y,z\n",
        "phone;;;\n0612345678;a;b;c\n0612345679;a;b;c\n",
        "a@example.com\nb@example.com\n",
        "a@example.com,,\nb@example.com,x,y\nc@example.com,x,y\n",
        "email\na@example.com\n",
    ],
)
def test_what_is_no_title_stays(acme, data):
    assert upload(acme, data).skip_lines == 0


def test_how_many_lines_are_skipped_can_be_said(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("p.csv", b"email,first name\nold@example.com,Old\nemail,name\na@example.com,Ann\n")
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    chosen = {"encoding": "utf-8", "delimiter": ",", "has_header": "on", "skip_lines": "2"}
    assert "a@example.com" in client.post(page + "reading/", chosen, follow=True).content.decode()
    with scope(acme):
        done = ContactImport.objects.get()
        done.consent_source = "x"
        done.save()
    finish(acme, done)
    assert emails(acme) == ["a@example.com"]
    with scope(acme):
        done = ContactImport.objects.get()
    for wrong in ("-1", "9999", "x", "1.5"):
        chosen["skip_lines"] = wrong
        assert client.post(page + "reading/", chosen).status_code == 302


def test_quotation_marks_of_mysql(acme):
    done = upload(acme, (FILES / "mysql-quotes.csv").read_bytes())
    assert done.backslash_escapes and not told(done)
    done.mapping = ["email", "first_name"]
    finish(acme, done)
    with scope(acme):
        assert Contact.objects.get().first_name == 'Ann "the" Ex'


@given(
    names=st.lists(st.text(st.sampled_from('xz "\\,N'), max_size=8).map(str.strip), min_size=1, max_size=12),
    quoting=st.booleans(),
)
@several
def test_what_mysql_writes_is_read_back(acme, names, quoting):
    names = [*names, 'x"y']  # shows how the file is written

    def cell(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return "\\N" if not text else f'"{escaped}"' if quoting or "," in text else escaped

    domain = f"e{next(numbers)}.example"
    rows = [f'"p{n}@{domain}",{cell(name)}' for n, name in enumerate(names)]
    done = upload(acme, "\n".join(["email,first name", *rows]))
    assert done.backslash_escapes
    finish(acme, done)
    with scope(acme):
        kept = dict(Contact.objects.filter(email__endswith=domain).values_list("email", "first_name"))
    # A person who is called \\N has no name: that is how MySQL writes nothing.
    assert kept == {f"p{n}@{domain}": "" if name == "\\N" else name for n, name in enumerate(names)}


def test_rows_that_end_like_those_of_old_macs(acme):
    done = upload(acme, (FILES / "rows-end-with-cr.csv").read_bytes())
    assert counts(finish(acme, done)) == {"created": 2}
    with scope(acme):
        assert not RejectedRow.objects.exists()
