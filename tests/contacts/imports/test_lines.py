"""Rows are numbered by the lines of their file, as an editor and a spreadsheet show them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports import delimited, forecasting
from contacts.imports.delimited import Reader, TextFormat, UnreadableRow
from contacts.models import Contact, RejectedRow
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare
from tests.contacts.imports.test_workbooks import workbook

PAGE = "/w/acme/contacts/imports/"


def read(text: str, delimiter: str = ",", piece: int = 1 << 17, **options) -> list:
    pieces = [text[n : n + piece] for n in range(0, len(text), piece)]
    return list(Reader(pieces, TextFormat(delimiter, **options)))


def filled(text: str, **options) -> list:
    return [(line, cells) for line, cells in read(text, **options) if cells and any(cells)]


def rejected_lines(workspace) -> list[int]:
    with scope(workspace):
        return list(RejectedRow.objects.values_list("line", flat=True))


def test_blank_lines_the_header_and_lines_within_cells_count(acme):
    data = 'email,name\n\nbad,1\n\n\na@example.com,"two\nlines"\nworse,2\r\n"bad, too",3'
    done = prepare(acme, data)
    with scope(acme):
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(acme.pk, done.pk, "t")
    with scope(acme):
        done.refresh_from_db()
    assert [line for line, _reason, _cells in done.preview["forecast"]["first"]] == [3, 8, 9]
    assert counts(finish(acme, done)) == {"created": 1, "rejected": 3} and rejected_lines(acme) == [3, 8, 9]


def test_a_sheet_has_the_numbers_that_excel_shows(acme):
    rows = [["email"], ["bad"], [], [None], ["worse"], ["a@example.com"]]
    done = import_file(acme, workbook(("People", rows)), ["email"], name="p.xlsx")
    assert counts(done) == {"created": 1, "rejected": 2} and rejected_lines(acme) == [2, 5]


def test_an_import_that_continues_skips_rows_and_not_lines(acme, monkeypatch):
    from contacts.imports import prefetch, running

    monkeypatch.setattr(prefetch, "CHUNK", 1)
    done = prepare(acme, "email\n\n\na@example.com\n\nb@example.com\n\nbad\n", ["email"])
    with scope(acme):
        running.start(done, None)
    while not running.run(acme.pk, done.pk, budget=-1):
        pass
    with scope(acme):
        done.refresh_from_db()
        assert (done.cursor, done.created, done.rejected) == (3, 2, 1)
    assert rejected_lines(acme) == [8]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("other", ["\n", "\r\n", "\r"])
def test_line_ends_may_be_mixed(acme, end, other):
    data = f"email,name{end}ann@example.com,Ann{other}bob@example.com,Bob{end}"
    assert counts(import_file(acme, data, ["email", "first_name"])) == {"created": 2}
    with scope(acme):
        assert sorted(Contact.objects.values_list("email", "first_name")) == [
            ("ann@example.com", "Ann"),
            ("bob@example.com", "Bob"),
        ]


cell = st.text(st.sampled_from('ab;," \n\u2028\x0cé@'), max_size=6)


@given(
    rows=st.lists(st.lists(cell, min_size=2, max_size=4), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    piece=st.integers(1, 9),
)
def test_rows_and_lines_agree_with_an_independent_writer(rows, end, piece):
    out = io.StringIO()
    writer, lines = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL), []
    for row in rows:
        text = out.getvalue().replace("\r\n", "\n").replace("\r", "\n")
        lines.append(text.count("\n") + 1)
        writer.writerow(row)
    assert read(out.getvalue(), piece=piece) == list(zip(lines, rows, strict=True))


@given(
    people=st.integers(2, 40),
    at=st.integers(0, 39),
    opening=st.sampled_from(['"', '"x', '"x y']),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last_end=st.booleans(),
)
def test_nobody_is_lost_behind_a_quotation_mark_that_is_never_closed(people, at, opening, delimiter, end, last_end):
    lines = [delimiter.join([f"p{n}@example.com", opening if n == at % people else "x"]) for n in range(people)]
    text = end.join(lines) + (end if last_end else "")
    found = filled(text, delimiter=delimiter)
    assert [(line, cells[0]) for line, cells in found] == [(n + 1, f"p{n}@example.com") for n in range(people)]


def test_nobody_is_lost_behind_a_cell_that_grows_too_long():
    """A mark that is closed thousands of lines later: csv gives the cell up, and each line is read by itself."""
    lines = [f"p{n}@example.com,x" for n in range(20_000)]
    lines[10], lines[19_000] = 'p10@example.com,"open', 'p19000@example.com,close"'
    found = read("\n".join(lines))
    assert [cells[0] for _line, cells in found] == [f"p{n}@example.com" for n in range(20_000)]
    assert [line for line, _cells in found] == list(range(1, 20_001))


def test_a_row_that_cannot_be_read_keeps_its_text(acme, bob, as_user):
    wide = ",".join(["z@example.com"] + ["x"] * 600)
    long = "y@example.com,Zed " + "x" * 150_000
    first = "".join(f"p{n}@example.com,A\n" for n in range(30))
    done = import_file(acme, f"email,name\n{first}{wide}\n{long}\nb@example.com,B\n", ["email", ""])
    assert counts(done) == {"created": 31, "rejected": 2}
    with scope(acme):
        assert [(row.line, row.cells[0][:13]) for row in RejectedRow.objects.all()] == [
            (32, "z@example.com"),
            (33, "y@example.com"),
        ]
    text = b"".join(as_user(bob).get(f"{PAGE}{done.pk}/rejected.csv").streaming_content).decode()
    assert "z@example.com,x,x" in text and "y@example.com,Zed" in text


def test_a_long_line_alone_is_given_with_its_text():
    text = "a" * (delimited.MAX_CELL_LENGTH + 1)
    assert read(f"x,y\n{text}\nz,1\n") == [(1, ["x", "y"]), (2, UnreadableRow(text)), (3, ["z", "1"])]
