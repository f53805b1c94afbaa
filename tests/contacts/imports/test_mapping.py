"""The format and the columns of an uploaded file: they can be corrected until it is imported."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.imports import encodings, sniffing, uploading
from contacts.models import Contact, ContactField, ContactImport, ContactList, ImportList, ImportTag, Tag
from kernel.tenancy import scope
from tests.markup import flat

PAGE = "/w/acme/contacts/imports/"
TEXT = "email;prénom\na@example.com;Zoé\n"
MAPPED = {"column_0": "email", "consent_source": "x", "confirmed": "on", "channels": "email"}
READING = {"encoding": "cp1252", "delimiter": ";", "has_header": "on"}


@pytest.fixture
def client(acme, bob, as_user):
    return as_user(bob)


@pytest.fixture
def page(client):
    file = SimpleUploadedFile("p.csv", TEXT.encode("cp1252"))
    return client.post(PAGE + "new/", {"file": file})["Location"]


def the_import(acme) -> ContactImport:
    with scope(acme):
        return ContactImport.objects.get()


def test_get_changes_nothing_and_a_viewer_can_change_nothing(acme, rita, as_user, page):
    viewer = as_user(rita)
    assert viewer.get(page, {"encoding": "mac_roman", "delimiter": "|"}).status_code == 200
    assert viewer.post(page + "reading/", {"encoding": "mac_roman", "delimiter": "|"}).status_code == 403
    kept = the_import(acme)
    assert (kept.encoding, kept.delimiter, kept.mapping) == ("cp1252", ";", ["email", "first_name"])


@pytest.mark.parametrize("state", ["running", "done", "failed"])
def test_the_format_of_a_started_import_can_not_change(acme, client, page, state):
    with scope(acme):
        ContactImport.objects.update(state=state)
    assert client.post(page + "reading/", READING | {"encoding": "mac_roman"})["Location"].endswith(page)
    kept = the_import(acme)
    assert (kept.state, kept.encoding) == (state, "cp1252")


def test_a_changed_format_saves_no_other_field(acme, page):
    """Somebody presses Import meanwhile, so the row in memory is outdated."""
    with scope(acme):
        old = ContactImport.objects.get()
        ContactImport.objects.update(state="running", cursor=5000, rows=5000)
        uploading.read_again(old, {"encoding": "mac_roman"})
    kept = the_import(acme)
    assert (kept.state, kept.cursor, kept.rows, kept.encoding) == ("running", 5000, 5000, "mac_roman")


def test_changing_the_format_after_a_forecast_deletes_the_forecast(acme, client, page, run_jobs):
    client.post(page + "forecast/new/", MAPPED)
    run_jobs()
    assert "Check before importing" in client.get(page).content.decode()
    answer = client.post(page + "reading/", READING | {"delimiter": "|"}, follow=True)
    shown = answer.content.decode()
    assert "Map your columns" in shown and "email;prénom" in shown
    kept = the_import(acme)
    assert kept.delimiter == "|" and len(kept.mapping) == 1 and "forecast" not in kept.preview
    client.post(page + "start/")  # of columns that nobody confirmed
    assert run_jobs() == [] and the_import(acme).state == "uploaded"
    assert "Map your columns" in client.get(page).content.decode()


def test_a_running_forecast_is_discarded_when_the_format_changes(acme, client, page, run_jobs):
    client.post(page + "forecast/new/", MAPPED)
    client.post(page + "reading/", READING)
    run_jobs()
    assert "forecast" not in the_import(acme).preview


def test_the_format_can_still_change_after_columns_were_refused(client, page):
    refused = client.post(page + "forecast/new/", MAPPED | {"column_0": ""})
    assert f'method="post" action="{page}reading/"' in flat(refused)


@pytest.mark.parametrize(
    "said, words",
    [
        ({"delimiter": "x"}, "Select a valid choice"),
        ({"encoding": "\0"}, "Select a valid choice"),
        ({}, "This field is required"),
    ],
)
def test_nonsense_gets_a_message_and_changes_nothing(acme, client, page, said, words):
    answer = client.post(page + "reading/", said and READING | said, follow=True)
    assert words in answer.content.decode() and the_import(acme).encoding == "cp1252"


@pytest.mark.parametrize("encoding", [*encodings.ENCODINGS][::3])
@pytest.mark.parametrize("data", [TEXT.encode(), TEXT.encode("utf-16"), TEXT.encode("utf-16-be"), b"a@example.com\nb"])
def test_every_encoding_can_be_chosen_for_every_file(acme, client, data, encoding):
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", data)})["Location"]
    before = the_import(acme)
    shown = client.post(page + "reading/", READING | {"encoding": encoding}, follow=True).content.decode()
    after = the_import(acme)
    if after.encoding != encoding:
        assert after.mapping == before.mapping
        assert "use the selected encoding" in shown or "column names but no rows" in shown
    assert f'<option value="{after.encoding}" selected>' in shown


def test_the_only_row_of_a_file_can_not_be_its_header(acme, client):
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", b"a@example.com,Ann\n")})["Location"]
    answer = client.post(page + "reading/", READING, follow=True)
    assert "column names but no rows" in answer.content.decode() and not the_import(acme).has_header


def test_the_page_inspects_the_file_once(client, page, monkeypatch):
    looks, asked = [], []
    inspect, same_file = sniffing.inspect, uploading.same_file
    monkeypatch.setattr(sniffing, "inspect", lambda *args, **kwargs: looks.append(1) or inspect(*args, **kwargs))
    monkeypatch.setattr(uploading, "same_file", lambda *args: asked.append(1) or same_file(*args))
    client.get(page)
    assert (len(looks), len(asked)) == (1, 1)
    client.post(page + "forecast/new/", {})  # refused
    assert (len(looks), len(asked)) == (2, 2)


def test_the_list_of_imports_does_not_load_previews(client, page):
    with CaptureQueriesContext(connection) as queries:
        assert "p.csv" in client.get(PAGE).content.decode()
    assert not any('"preview"' in query["sql"] for query in queries)


MADE = (Tag, ContactList, ContactField, ImportTag, ImportList)
WITH_NEW = MAPPED | {"column_1": "new:prenom", "kind_1": "date", "tags": 'shop, "Paris, 2e"', "lists": 'Fair, "A, B"'}


def test_a_forecast_creates_no_tag_list_or_field(acme, client, page, run_jobs):
    client.post(page + "forecast/new/", WITH_NEW)
    run_jobs()
    assert "Not a date" in client.get(page + "forecast/").content.decode()
    with scope(acme):
        assert [model for model in MADE if model.objects.exists()] == []
    shown = client.get(page + "?columns=1").content.decode()
    assert 'value="new:prenom" selected' in shown and '<option value="date" selected>' in shown
    assert "Fair, &quot;A, B&quot;" in shown and "shop, &quot;Paris, 2e&quot;" in shown
    client.post(page + "forecast/new/", MAPPED | {"column_1": "new:prenom", "kind_1": "text", "tags": "vip"})
    client.post(page + "start/")
    run_jobs()
    with scope(acme):
        assert Contact.objects.get().attributes == {"prenom": "Zoé"}
        assert ContactField.objects.get().kind == "text" and not ContactList.objects.exists()
        assert list(Tag.objects.values_list("name", flat=True)) == ["vip"]
        done = ContactImport.objects.get()
        assert (done.mapping, done.to_make) == (["email", "attributes:prenom"], {})


def test_tags_and_lists_created_at_the_start_are_given_to_everyone(acme, client, page, run_jobs):
    client.post(page + "forecast/new/", WITH_NEW | {"kind_1": "text"})
    client.post(page + "start/")
    run_jobs()
    with scope(acme):
        person = Contact.objects.get()
        assert set(person.contacttag_set.values_list("tag__name", flat=True)) == {"shop", "Paris, 2e"}
        assert set(person.listmember_set.values_list("contact_list__name", flat=True)) == {"Fair", "A, B"}


def test_a_field_made_or_deleted_since_the_forecast_is_used(acme, client, page, run_jobs):
    with scope(acme):
        ContactField.objects.create(name="prenom", label="Prénom", kind="number").discard()
    client.post(page + "forecast/new/", WITH_NEW)
    run_jobs()
    assert "Not a number" in client.get(page + "forecast/").content.decode()
    with scope(acme):
        ContactField.objects.get().restore()
    assert 'value="attributes:prenom" selected data-kind="number"' in client.get(page + "?columns=1").content.decode()
    client.post(page + "start/")
    run_jobs()
    assert the_import(acme).noted == 1
