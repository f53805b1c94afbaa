"""The file of rejected rows is mended and imported again as it is, and then only those rows count."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from contacts.imports import limits, outcomes, rejecting, running, undoing, uploading
from contacts.models import Contact, ContactField, ContactImport, ContactList, ContactTag, ListMember, RejectedRow, Tag
from kernel.tenancy import scope
from tests.contacts.imports.running import finish, import_file, prepare

ROWS = "Mail;Prénom;Points\nana@example.com;Ana;1\nbea@@example.com;Bea;2\ncleo;Cléo;1.234,5\n"
MAPPING = ["email", "first_name", "attributes:points"]


@pytest.fixture
def original(acme):
    with scope(acme):
        ContactField.objects.create(name="points", label="Points", kind="number")
        tag, fair = Tag.objects.create(name="fair"), ContactList.objects.create(name="Fair 2026")
    return import_file(
        acme,
        ROWS,
        MAPPING,
        tags=[tag],
        lists=[fair],
        consent_source="stand at the fair",
        channels=["email", "sms"],
        reading=[{}, {}, {"number": "comma"}],
    )


def download(client, original: ContactImport) -> str:
    response = client.get(f"/w/acme/contacts/imports/{original.pk}/rejected.csv")
    return response.getvalue().decode("utf-8-sig")


def upload(client, text: str | bytes, name: str = "mended.csv") -> str:
    data = text.encode() if isinstance(text, str) else text
    return client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile(name, data)})["Location"]


def test_the_file_has_the_columns_of_the_original_and_every_cell_whole(acme, bob, as_user):
    wide = [f"Column {n}" for n in range(60)]
    cells = ["bad", "x" * 5000, "=1+1", *map(str, range(57))]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["E-mail", *wide[1:]], cells])
    original = import_file(acme, out.getvalue(), ["email", *[""] * 59])
    rows = list(csv.reader(io.StringIO(download(as_user(bob), original)), delimiter=";"))
    assert rows[0] == [f"Line (import {original.pk})", "Reason", "E-mail", *wide[1:]]
    assert rows[1][0] == "2" and rows[1][2:4] == ["bad", "x" * 5000] and rows[1][4] == "'=1+1" and len(rows[1]) == 62


@pytest.mark.parametrize("language", ["en", "fr"])
def test_mended_rows_take_over_everything_and_count_alone(acme, bob, original, as_user, run_jobs, language):
    bob.language = language
    bob.save()
    client = as_user(bob)
    with translation.override(language):
        text = download(client, original)
    page = upload(client, text.replace("bea@@example.com", "bea@example.com").replace("cleo;", "cleo@example.com;"))
    assert run_jobs() == ["contacts.forecast_import"]
    with scope(acme):
        retry = ContactImport.objects.get(retry_of_id=original.pk)
        assert retry.mapping == ["", "", *MAPPING] and retry.reading[4] == {"number": "comma"}
        assert (retry.consent_source, retry.channels) == ("stand at the fair", ["email", "sms"])
    assert 'name="consent_source"' not in client.get(page).content.decode()  # nothing is asked again
    assert "people.csv" in client.get(page).content.decode()  # the import that the rows are from
    client.post(page + "start/")
    run_jobs()
    with scope(acme):
        retry.refresh_from_db()
        assert (retry.state, retry.rows, retry.created, retry.rejected) == ("done", 2, 2, 0)
        assert Contact.objects.get(email="cleo@example.com").attributes == {"points": 1234.5}
        assert ContactTag.objects.count() == ListMember.objects.count() == 3
        assert [(found.contact_import.pk, found.rows) for found in outcomes.retries_of(original)] == [(retry.pk, 2)]


def test_only_rows_that_came_in_count_and_the_others_can_be_downloaded_again(acme, bob, original, as_user):
    client = as_user(bob)
    half = download(client, original).replace("bea@@example.com", "bea@example.com")
    with scope(acme):
        retry = uploading.upload(SimpleUploadedFile("half.csv", half.encode()), None)
    finish(acme, retry)
    shown = client.get(f"/w/acme/contacts/imports/{original.pk}/").content.decode()
    assert "2 rows with errors" in shown and "1 of them has been imported since" in shown and "half.csv" in shown
    left = download(client, original)
    assert "cleo" in left and "bea" not in left
    with scope(acme):
        undoing.begin(retry, bob)
    while not undoing.run(acme.pk, retry.pk):
        pass
    assert "bea@@example.com" in download(client, original)  # nobody has taken it any more


def test_a_killed_retry_marks_each_row_once(acme, bob, as_user, monkeypatch):
    bad = "".join(f"bad{n}\n" for n in range(12))
    original = import_file(acme, "email\n" + bad)
    text = download(as_user(bob), original)
    lines = [line.rsplit(",", 1)[0] for line in text.splitlines()[1:]]
    mended = "\n".join([text.splitlines()[0], *(f"{line},person{n}@example.com" for n, line in enumerate(lines))])
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 5)
    with scope(acme):
        retry = uploading.upload(SimpleUploadedFile("mended.csv", mended.encode()), None)
        running.start(retry, None)
    while not running.run(acme.pk, retry.pk, budget=0):
        pass
    with scope(acme):
        assert [found.rows for found in outcomes.retries_of(original)] == [12]
        assert RejectedRow.objects.filter(contact_import=original, imported_by_id=retry.pk).count() == 12


def test_columns_may_be_moved(acme, bob, original, as_user):
    rows = list(csv.reader(io.StringIO(download(as_user(bob), original)), delimiter=";"))
    out = io.StringIO()
    csv.writer(out).writerows([[row[4], row[2], "own", row[0]] for row in rows])
    with scope(acme):
        retry = uploading.upload(SimpleUploadedFile("moved.csv", out.getvalue().encode()), None)
    assert retry.retry_of_id == original.pk and retry.mapping == ["attributes:points", "email", "", ""]


def test_a_file_without_column_names_is_known_again(acme, bob, as_user):
    original = import_file(acme, "ana@example.com;Ana\nbea@@example.com;Bea\n", ["email", "first_name"])
    assert not original.has_header
    text = download(as_user(bob), original)
    with scope(acme):
        retry = uploading.upload(SimpleUploadedFile("mended.csv", text.encode()), None)
    assert retry.has_header and retry.mapping == ["", "", "email", "first_name"]


def test_another_workspaces_import_is_not_taken_over(acme, beta, bob, original, as_user):
    text = download(as_user(bob), original)
    with scope(beta):
        other = uploading.upload(SimpleUploadedFile("mended.csv", text.encode()), None)
        assert other.retry_of_id is None and other.consent_source == ""


def test_a_file_that_is_all_wrong_does_not_fill_the_database(acme, bob, as_user, monkeypatch):
    monkeypatch.setattr(rejecting, "MAX_REJECTED_ROWS", 3)
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 2)
    done = import_file(acme, "email\n" + "".join(f"bad{n}\n" for n in range(9)))
    with scope(acme):
        assert (done.rejected, done.rejected_kept, RejectedRow.objects.count()) == (9, 3, 3)
    shown = as_user(bob).get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "9 rows with errors" in shown and "only the first 3 are kept" in shown


def test_long_rows_reach_the_limit_too(acme, monkeypatch):
    monkeypatch.setattr(rejecting, "MAX_REJECTED_BYTES", 1000)
    done = prepare(acme, "email,note\n" + "".join(f"bad{n},{'é' * 200}\n" for n in range(9)) + "bad,x\n")
    finish(acme, done)
    with scope(acme):
        assert (done.rejected, RejectedRow.objects.count()) == (10, 2)
    assert limits.MAX_REJECTED_BYTES < 100_000_000
