"""Generated files, CSV and Excel: nothing raises, the counts add up, forecast and result agree, nobody vanishes, no page
answers 500.

IMPORT_EXAMPLES=5000 tries more than 60.
"""

import csv
import io
import os
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.imports import columns, encodings, forecasting, prefetch, running, sniffing, uploading
from contacts.imports.limits import Unreadable
from contacts.models import Company, Contact, ContactField, RejectedRow
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS

EXAMPLES = int(os.environ.get("IMPORT_EXAMPLES", "60"))
many_examples = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

odd_texts = st.text(max_size=12)
emails = (
    st.builds("{}@example.com".format, st.integers(0, 30))
    | st.sampled_from(["info@mailinator.com", "a@b", "x y@z.co", ""])
    | odd_texts
)
phones = (
    st.builds("+336{:08d}".format, st.integers(0, 30)) | st.sampled_from(["06 12 34 56 78", "3,3E+10", ""]) | odd_texts
)
cells = {
    "email": emails,
    "phone": phones,
    "external_id": st.sampled_from(["A", "B", "C", ""]) | odd_texts,
    "full_name": odd_texts,
    "language": st.sampled_from(["fr", "English", ""]) | odd_texts,
    "tags": st.sampled_from(["vip", "vip; shop", ""]) | odd_texts,
    "lists": odd_texts,
    "company": st.sampled_from(["Acme", "ACME", "İstanbul", ""]) | odd_texts,
    "companies": st.sampled_from(["Acme; Zed", '"A, B", ACME', ""]) | odd_texts,
    "company_role": st.sampled_from(["admin", "interne", ""]) | odd_texts,
    "attributes:n": st.sampled_from(["1", "1 234,5", "x", ""]) | odd_texts,
    "attributes:d": st.sampled_from(["12/03/2026", "2026-03-12", ""]) | odd_texts,
    "company_status": st.sampled_from(["actif", "inactive", ""]) | odd_texts,
    "company_kind": st.sampled_from(["client", "Fidèle", ""]) | odd_texts,
    "contact_email": emails,
    "company_website": st.sampled_from(["shop.example", ""]) | odd_texts,
}
MEANINGS = {
    "contacts": [
        "email",
        "phone",
        "external_id",
        "full_name",
        "language",
        "tags",
        "lists",
        "company",
        "companies",
        "company_role",
        "attributes:n",
        "attributes:d",
    ],
    "companies": [
        "company",
        "company_status",
        "company_kind",
        "email",
        "phone",
        "contact_email",
        "company_role",
        "company_website",
    ],
    "suppress": ["email", "phone"],
}


@st.composite
def files(draw):
    target = draw(st.sampled_from(["contacts", "contacts", "companies", "suppress"]))
    needed = {"contacts": ["email", "phone", "external_id"], "companies": ["company"], "suppress": ["email", "phone"]}[
        target
    ]
    first = draw(st.sampled_from(needed))
    others = st.sampled_from([meaning for meaning in MEANINGS[target] if meaning != first])
    mapping = [first, *draw(st.lists(others, unique=True, max_size=5))]
    rows = draw(st.lists(st.tuples(*(cells[meaning] for meaning in mapping)), min_size=1, max_size=12))
    mode = draw(st.sampled_from(["both", "add", "update"]))
    channels = draw(st.lists(st.sampled_from(["email", "sms", "whatsapp"]), unique=True))
    return (
        target,
        mapping,
        rows,
        mode,
        channels,
        # Each reading of a workbook starts a process, which takes ten times as long as all the rest.
        draw(st.sampled_from([*["csv"] * 9, "xlsx"])),
        draw(st.sampled_from([2, 100])),
    )


def written(rows, kind: str) -> bytes:
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows(rows)
        return out.getvalue().encode("utf-8", "replace")
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    book.save(out)
    return out.getvalue()


@pytest.fixture
def fields(acme):
    with scope(acme):
        ContactField.objects.create(name="n", label="n", kind="number")
        ContactField.objects.create(name="d", label="d", kind="date")


@given(file=files())
@many_examples
def test_counts_add_up_whatever_the_file(acme, fields, file):
    target, mapping, rows, mode, channels, kind, chunk = file
    header = [meaning.replace(":", "-") for meaning in mapping]
    previous_chunk, prefetch.CHUNK = prefetch.CHUNK, chunk
    try:
        with scope(acme):
            before = Contact.objects.count()
            try:
                done = uploading.upload(
                    SimpleUploadedFile(f"p.{kind}", written([header, *rows], kind)), None, target=target
                )
            except Unreadable:
                return
            done.mapping, done.mode, done.channels, done.has_header, done.consent_source = (
                mapping,
                mode,
                channels,
                True,
                "x",
            )
            done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
            done.save()
        forecasting.run(acme.pk, done.pk, "t")
        with scope(acme):
            done.refresh_from_db()
            forecast = done.preview["forecast"]
            assert Contact.objects.count() == before and forecast["done"]
            running.start(done, None)
        assert running.run(acme.pk, done.pk)
        with scope(acme):
            done.refresh_from_db()
            assert done.state == "done" and done.rows == sum(getattr(done, name) for name in COUNTS)
            assert RejectedRow.objects.filter(contact_import=done).count() == done.rejected
            if target == "contacts":
                assert Contact.objects.count() == before + done.created
        assert forecast["counts"].get("rows", 0) == done.rows == sum(forecast["counts"].get(name, 0) for name in COUNTS)
        assert {name: forecast["counts"].get(name, 0) for name in COUNTS} == {
            name: getattr(done, name) for name in COUNTS
        }
        if kind == "csv" and done.delimiter == ";" and done.encoding == "utf-8" and not done.skip_lines:
            check_independently(acme, done, written([header, *rows], kind))
    finally:
        prefetch.CHUNK = previous_chunk


def check_independently(workspace, done, data: bytes) -> None:
    """Python's csv module finds as many rows in the file, and each of the people with a plain address is a contact or
    stands among the rejected rows."""
    reader = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=";")
    found, line = {}, 1
    for cells in reader:
        if "".join(cells).strip():
            found[line] = cells
        line = reader.line_num + 1
    del found[min(found)]  # the headings
    assert len(found) == done.rows
    if done.target != "contacts" or "external_id" in done.mapping or "email" not in done.mapping:
        return  # who has a number of the merchant's may change addresses within the file
    with scope(workspace):
        rejected = set(RejectedRow.objects.filter(contact_import=done).values_list("line", flat=True))
        known = set(Contact.objects.values_list("email", flat=True))
    column = done.mapping.index("email")
    addresses = {cells[column] for line, cells in found.items() if line not in rejected}
    # An import that only adds skips whoever is known by a number, without an address.
    if done.mode == "both" or (done.mode == "add" and "phone" not in done.mapping):
        assert {address for address in addresses if re.fullmatch(r"\d+@example\.com", address)} <= known


@given(
    data=st.binary(max_size=400)
    | st.text(max_size=300).map(str.encode)
    | files().map(lambda f: written([f[1], *f[2]], "csv")),
    name=st.sampled_from(["a.csv", "a.xlsx"]),
    reading=st.fixed_dictionaries(
        {"encoding": st.sampled_from([*encodings.ENCODINGS]), "delimiter": st.sampled_from(sniffing.DELIMITERS)},
        optional={"has_header": st.just("on")},
    ),
)
@settings(max_examples=max(20, EXAMPLES // 5), deadline=None, suppress_health_check=list(HealthCheck))
def test_no_page_answers_500_whatever_is_uploaded(acme, bob, as_user, run_jobs, data, name, reading):
    client = as_user(bob)
    answer = client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile(name, data)})
    if answer.status_code == 200:  # refused with a message
        assert b"errorlist" in answer.content
        return
    page = answer["Location"]
    assert client.get(page).status_code in (200, 302)
    assert client.post(page + "reading/", reading).status_code == 302
    assert client.get(page).status_code in (200, 302)
    mapped = {"column_0": "email", "consent_source": "x", "confirmed": "on", "again": "on", "channels": "email"}
    assert client.post(page + "forecast/new/", mapped).status_code in (200, 302)
    run_jobs()
    assert client.get(page).status_code in (200, 302)
    client.post(page + "start/")
    run_jobs()
    assert client.get(page).status_code in (200, 302) and client.get(page + "rejected.csv").status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        "E-mail;Prénom;Nom;Téléphone mobile\r\na@example.com;Zoé;Lefèvre;0612345678\r\n".encode(
            "cp1252"
        ),  # Excel, French
        "\ufeffEmail Address,First Name,Last Name,Phone\r\na@example.com,Zoé,Lefèvre,+33612345678\r\n".encode(),  # Excel, English
        'email,"first_name","last_name",phone\na@example.com,"Zoé","Lefèvre","+33 6 12 34 56 78"\n'.encode(),  # LibreOffice
        "Courriel;Prénom;Nom de famille;Tél.\na@example.com;Zoé;Lefèvre;06 12 34 56 78\n".encode(),  # Numbers, French
        "Email,Given Name,Family Name,Phone 1 - Value\na@example.com,Zoé,Lefèvre,+33612345678".encode(),  # Google
        "EMAIL\tPRENOM\tNOM\tSMS\r\na@example.com\tZoé\tLefèvre\t33612345678\r\n".encode(
            "utf-16"
        ),  # Brevo, "Unicode text"
        "sep=;\r\nE-mail;Prénom;Nom;GSM\r\na@example.com;Zoé;Lefèvre;0612345678\r\n".encode("cp1252"),
        "E-mail;Prénom;Nom;Portable\ra@example.com;Zoé;Lefèvre;0612345678\r".encode("mac_roman"),
    ],
)
def test_files_of_common_programs_are_mapped_completely(acme, data):
    with scope(acme):
        done = uploading.upload(SimpleUploadedFile("people.csv", data), None)
        assert done.mapping == ["email", "first_name", "last_name", "phone"]
        done.consent_source = "x"
        running.start(done, None)
    running.run(acme.pk, done.pk)
    with scope(acme):
        contact = Contact.objects.get()
    assert (contact.email, contact.first_name, contact.last_name, contact.phone) == (
        "a@example.com",
        "Zoé",
        "Lefèvre",
        "+33612345678",
    )


def test_a_mapping_is_remembered_for_the_same_columns(acme):
    with scope(acme):
        done = uploading.upload(SimpleUploadedFile("p.csv", b"Mail,Zed\na@example.com,Lyon\n"), None)
        ContactField.objects.create(name="city", label="City")
        done.mapping, done.consent_source = ["email", "attributes:city"], "x"
        running.start(done, None)
    running.run(acme.pk, done.pk)
    with scope(acme):
        again = uploading.upload(SimpleUploadedFile("q.csv", b"Mail,Zed\nb@example.com,Paris\n"), None)
        assert again.mapping == ["email", "attributes:city"]
        ContactField.objects.all().delete()
        sample = uploading.read_sample(again)
        assert columns.guess_mapping(sample) == ["email", ""]


@pytest.mark.parametrize("mode, counts", [("both", (0, 1, 0, 4)), ("add", (0, 0, 3, 2)), ("update", (0, 1, 0, 4))])
def test_the_forecast_of_a_company_that_repeats_in_later_chunks(acme, monkeypatch, mode, counts):
    """Found by the property test above: an update left no trace for the next chunk."""
    monkeypatch.setattr(prefetch, "CHUNK", 2)
    with scope(acme):
        Company.objects.create(name="Acme")
        file = SimpleUploadedFile("p.csv", written([["company"], *[["Acme"]] * 5], "csv"))
        done = uploading.upload(file, None, target="companies")
        done.mapping, done.mode, done.has_header = ["company"], mode, True
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(acme.pk, done.pk, "t")
    with scope(acme):
        done.refresh_from_db()
        forecast = done.preview["forecast"]["counts"]
        running.start(done, None)
    running.run(acme.pk, done.pk)
    with scope(acme):
        done.refresh_from_db()
    names = ("created", "updated", "skipped", "merged")
    assert tuple(getattr(done, name) for name in names) == counts
    assert tuple(forecast.get(name, 0) for name in names) == counts
