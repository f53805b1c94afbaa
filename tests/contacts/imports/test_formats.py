"""How a file's dates and numbers are read: as its cells prove, as in the last file, as usual in the country, as chosen."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from contacts.fields import values
from contacts.imports import forecasting, format_inference, prefetch, running, stored_file, uploading
from contacts.imports.format_inference import FormatEvidence
from contacts.models import Contact, ContactField, ContactImport, ImportNote
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare
from tests.contacts.imports.test_workbooks import workbook

EUROPE = {"day_first": True, "decimal_comma": True}
AMERICA = {"day_first": False, "decimal_comma": False}
PAGE = "/w/acme/contacts/imports/"


@pytest.fixture
def fields(acme):
    with scope(acme):
        ContactField.objects.create(name="born", label="Born", kind="date")
        ContactField.objects.create(name="points", label="Points", kind="number")


def file_of(*cells: str, header="email;born") -> str:
    return "\n".join([header, *(f'p{n}@example.com;"{cell}"' for n, cell in enumerate(cells))]) + "\n"


def kept(workspace, name="born") -> list:
    with scope(workspace):
        return [contact.attributes.get(name) for contact in Contact.objects.order_by("email")]


def column(*cells: str) -> FormatEvidence:
    found = FormatEvidence()
    for cell in cells:
        found.add(cell)
    return found


days = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


@given(
    dates=st.lists(days, min_size=1, max_size=30),
    proof=st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)).map(lambda day: day.replace(day=13 + day.day % 15)),
    place=st.integers(0, 30),
    order=st.sampled_from(["{0.day:02}{1}{0.month:02}{1}{0.year:04}", "{0.month}{1}{0.day}{1}{0.year:04} 10:30"]),
    sign=st.sampled_from("/-. "),
    conventions=st.sampled_from([EUROPE, AMERICA]),
)
def test_dates_in_one_order_with_one_proof_are_read_back(dates, proof, place, order, sign, conventions):
    dates.insert(place % (len(dates) + 1), proof)
    cells = [order.format(day, sign) for day in dates]
    reading = format_inference.choose_reading(column(*cells), conventions, {"date": "day_first"})
    read = values.reader("date", **(conventions | format_inference.read_options(reading)))
    assert [read(cell) for cell in cells] == [day.isoformat() for day in dates]


@given(
    numbers=st.lists(st.decimals(-999_999, 999_999, places=3, allow_nan=False), max_size=30),
    proof=st.decimals(-999_999, 999_999, places=2, allow_nan=False),
    place=st.integers(0, 30),
    comma=st.booleans(),
    conventions=st.sampled_from([EUROPE, AMERICA]),
)
def test_numbers_with_one_proof_are_read_back(numbers, proof, place, comma, conventions):
    cells = [f"{number:,}" for number in numbers]
    numbers.insert(place % (len(numbers) + 1), proof)
    cells.insert(place % (len(cells) + 1), f"{proof:,}")
    if comma:
        cells = [cell.translate(str.maketrans(",.", ".,")) for cell in cells]
    reading = format_inference.choose_reading(column(*cells), conventions, {"number": "point"})
    read = values.reader("number", **(conventions | format_inference.read_options(reading)))
    assert [read(cell) for cell in cells] == [float(number) for number in numbers]


@given(st.lists(st.text(max_size=12) | st.from_regex(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}", fullmatch=True)))
def test_every_column_has_a_reading_and_a_description(cells):
    found = column(*cells)
    reading = format_inference.choose_reading(found, AMERICA, {"date": "nonsense", "other": "day_first"})
    assert set(format_inference.read_options(reading)) <= {"day_first", "decimal_comma", "point_groups"}
    for kind, ways in format_inference.WAYS.items():
        if example := getattr(found, kind):
            assert all(format_inference.describe(kind, way, example).startswith(example) for way in ways)


@pytest.mark.parametrize(
    "cells, date, number",
    [
        (["03/04/2026", "25/12/2026"], "day_first", None),
        (["03/04/2026", "12/25/2026"], "month_first", None),
        (["12/25/2026", "25/12/2026", "26/12/2026"], "day_first", None),  # the more frequent one
        (["03/04/2026"], "month_first", None),  # as is usual there
        (["2026-04-03", "3 April 2026", "45/99/2026", "", "03/03/2026"], None, None),
        (["1.234", "12,5"], None, "comma"),
        (["1,234", "12.5"], None, "point"),
        (["1,234", "1.234.567"], None, "comma"),
        (["0.234"], None, "point"),
        (["0,234"], None, "comma"),
        (["1,234"], None, "point"),
        (["12", "-3", "1e5", "12,3,4"], None, None),
    ],
)
def test_the_reading_that_cells_prove(cells, date, number):
    reading = format_inference.choose_reading(column(*cells), AMERICA)
    assert (reading.get("date"), reading.get("number")) == (date, number)


def test_the_last_file_decides_only_without_proof():
    assert format_inference.choose_reading(column("03/04/2026"), EUROPE, {"date": "month_first"}) == {
        "date": "month_first"
    }
    assert format_inference.choose_reading(column("25/04/2026"), EUROPE, {"date": "month_first"}) == {
        "date": "day_first"
    }
    assert format_inference.choose_reading(column(), EUROPE, {"number": "point"}) == {"number": "point"}
    assert format_inference.choose_reading(column("1,234"), EUROPE) == {"number": "comma"}
    assert format_inference.choose_reading(column("1.234"), EUROPE) == {"number": "point"}  # as a machine writes


def test_a_number_is_read_as_its_column():
    assert values.read("number", "1.234") == 1.234 and values.read("number", "1.234", point_groups=True) == 1234
    assert values.read("number", "0,234", decimal_comma=False) == 0.234
    assert values.read("number", values.Exact("1.234"), point_groups=True) == 1.234


def test_the_description_of_a_number_is_unambiguous():
    assert format_inference.describe("number", "comma", "1.234") == "1.234 is 1234"
    assert format_inference.describe("number", "point", "1.234") == "1.234 is 1 and some decimals"
    assert format_inference.describe("number", "point", "1,000") == "1,000 is 1000"
    assert format_inference.describe("number", "comma", "1,000") == "1,000 is 1"


def test_the_date_order_is_inferred_and_dates_that_do_not_fit_are_left_out(acme, fields):
    done = import_file(acme, file_of("03/04/2026", "12/25/2026", "10/31/2026", "31/10/2026"))
    assert counts(done) == {"created": 4} and done.noted == 1
    assert kept(acme) == ["2026-03-04", "2026-12-25", "2026-10-31", None]
    with scope(acme):
        assert ImportNote.objects.values_list("line", "reason").get() == (5, "not_date")


def test_a_proof_far_after_the_first_rows_counts(acme, fields):
    import_file(acme, file_of(*["03/04/2026"] * 500, "12/25/2026"))
    assert set(kept(acme)) == {"2026-03-04", "2026-12-25"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_a_proof_at_the_end_of_a_large_sorted_file_counts(acme, fields, monkeypatch, encoding):
    from contacts.imports import sniffing

    monkeypatch.setattr(sniffing, "SAMPLE_BYTES", 2048)
    monkeypatch.setattr(stored_file, "SAMPLE_CHUNK_BYTES", 1024)
    monkeypatch.setattr(stored_file, "PART", 8192)
    data = file_of(*["03/04/2026"] * 1500, *["12/25/2026"] * 300, header="email;né")
    done = prepare(acme, data.encode(encoding), ["email", "attributes:born"])
    assert done.encoding == encoding and done.reading[1] == {"date": "month_first"}
    assert done.reading == [{}, {"date": "month_first"}]


def test_without_proof_a_file_is_read_as_its_country_writes(acme, fields):
    import_file(acme, file_of("03/04/2026"))
    assert kept(acme) == ["2026-04-03"]


def test_the_decimal_sign_is_inferred_too(acme, fields):
    import_file(acme, file_of("1.234", "12,5", header="email;points"))
    assert kept(acme, "points") == [1234, 12.5]


def test_a_cut_row_proves_nothing(acme, fields, monkeypatch):
    from contacts.imports import sniffing

    data = file_of("1.234", "1,234", header="email;points")
    monkeypatch.setattr(sniffing, "SAMPLE_BYTES", data.index('"1,234"') + 4)  # ends in "1,2
    done = prepare(acme, data)
    assert done.reading[1] == {"number": "point"}


def test_a_broken_row_further_down_makes_no_more_columns(acme, fields):
    done = prepare(acme, file_of(*["03/04/2026"] * 40) + "x;" * 50_000)
    assert len(done.reading) == len(done.mapping) == 2


def test_a_workbook_is_ambiguous_only_in_text_cells(acme, fields, bob, as_user):
    rows = [["email", "born", "points"], ["p0@example.com", dt.datetime(2026, 4, 3), 1.234]]
    data = workbook(("People", rows))
    page = as_user(bob).post(PAGE + "new/", {"file": SimpleUploadedFile("p.xlsx", data)})["Location"]
    shown = as_user(bob).get(page).content.decode()
    assert 'data-reads="date"' not in shown and 'data-reads="number"' not in shown
    rows += [["p1@example.com", "12/25/2026", "12,5"], ["p2@example.com", "03/04/2026", "1.234"]]
    mapping = ["email", "attributes:born", "attributes:points"]
    done = import_file(acme, workbook(("People", rows)), mapping, name="q.xlsx")
    assert done.reading[1:] == [{"date": "month_first"}, {"number": "comma"}]
    assert kept(acme) == ["2026-04-03", "2026-12-25", "2026-03-04"] and kept(acme, "points") == [1.234, 12.5, 1234]


def mapped(**data) -> dict:
    return {"column_0": "email", "column_1": "attributes:born", "consent_source": "x", "confirmed": "on"} | data


def upload(client, text: str) -> str:
    return client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", text.encode())})["Location"]


def test_the_chosen_reading_is_shown_used_and_remembered(acme, fields, bob, as_user, run_jobs):
    client = as_user(bob)
    page = upload(client, file_of("03/04/2026", "05/06/2026"))
    shown = client.get(page).content.decode()
    assert "03/04/2026 is 3 April 2026" in shown and "03/04/2026 is 4 March 2026" in shown
    assert '<option value="day_first" selected>' in shown and 'data-kind="date"' in shown
    refused = client.post(page + "forecast/new/", mapped(date_1="year_first")).content.decode()
    assert "Choose how to read this column." in refused
    with scope(acme):
        assert ContactImport.objects.get().reading[1] == {"date": "day_first"}
    client.post(page + "forecast/new/", mapped(date_1="month_first"))
    run_jobs()
    assert '<option value="month_first" selected>' in client.get(page + "?columns=1").content.decode()
    client.post(page + "start/")
    run_jobs()
    assert kept(acme) == ["2026-03-04", "2026-05-06"]
    assert "Month first: 12/31/2026" in client.get(page).content.decode()
    again = upload(client, file_of("01/02/2026"))
    assert "01/02/2026 is 2 January 2026" in client.get(again).content.decode()
    with scope(acme):
        assert ContactImport.objects.first().reading[1] == {"date": "month_first"}


def test_the_result_shows_the_readings_of_ambiguous_columns(acme, fields, bob, as_user):
    data = "email;points;born;other\na@example.com;12,5;2026-03-04;1.5\n"
    done = import_file(acme, data, ["email", "attributes:points", "attributes:born", ""])
    shown = as_user(bob).get(f"{PAGE}{done.pk}/").content.decode()
    assert "Decimal comma: 1.234,5" in shown
    assert "Day first" not in shown and "Decimal point" not in shown


def test_a_new_fields_kind_is_proposed_as_its_column_is_read(acme, bob, as_user):
    shown = as_user(bob).get(upload(as_user(bob), file_of("12/25/2026", header="email;seen"))).content.decode()
    assert '<option value="date" selected>' in shown and "12/25/2026 is not a date" in shown


@pytest.mark.parametrize("nonsense", ["", "\0", "x" * 10_000, "comma"])
def test_nonsense_for_a_choice_gives_a_message_and_never_500(acme, fields, bob, as_user, nonsense):
    client = as_user(bob)
    answer = client.post(upload(client, file_of("03/04/2026")) + "forecast/new/", mapped(date_1=nonsense))
    assert answer.status_code == 302 if not nonsense else "Choose how to read this column" in answer.content.decode()


def test_forecast_and_run_after_a_kill_follow_the_choice(acme, fields, monkeypatch):
    monkeypatch.setattr(prefetch, "CHUNK", 2)
    cells = ["03/04/2026", "04/03/2026", "25/12/2026", "12/25/2026", "05/06/2026"]
    done = prepare(acme, file_of(*cells), reading=[{}, {"date": "month_first"}])
    with scope(acme):
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(acme.pk, done.pk, "t")
    with scope(acme):
        done.refresh_from_db()
        assert done.preview["forecast"]["notes"] == [[4, "born", "not_date", "25/12/2026"]]
        running.start(done, None)
    assert not running.run(acme.pk, done.pk, budget=-1)  # one chunk, and its time is over
    with scope(acme):
        acme.country = "US"
        acme.save()
    finish(acme, done)
    assert kept(acme) == ["2026-03-04", "2026-04-03", None, "2026-12-25", "2026-05-06"]


def test_a_reading_of_another_kind_is_ignored(acme, fields):
    done = prepare(acme, file_of("03/04/2026"), reading=[{}, {"number": "point", "date": "sideways", "other": "x"}])
    finish(acme, done)
    assert kept(acme) == ["2026-04-03"]


def test_the_command_reads_as_the_file_proves(acme, fields, tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text(file_of("03/04/2026", "12/25/2026"))
    call_command("import_contacts", "acme", file, "--consent", "fair")
    assert "2 rows: 2 new" in capsys.readouterr().out and kept(acme) == ["2026-03-04", "2026-12-25"]


def test_another_sheet_is_inspected_again(acme, fields, bob, as_user):
    first = [["email", "born"], ["a@example.com", "25/12/2026"]]
    second = [["email", "born"], ["b@example.com", "12/25/2026"]]
    file = SimpleUploadedFile("p.xlsx", workbook(("One", first), ("Two", second)))
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    client.post(page + "reading/", {"sheet": "Two", "has_header": "on"})
    with scope(acme):
        done = ContactImport.objects.get()
        assert done.reading[1] == {"date": "month_first"}
        assert uploading.read_sample(done).evidence[1].month_first == 1
