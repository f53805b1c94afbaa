"""An empty cell empties a field where the merchant says so, and nothing that identifies a person or says no."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.groups import tagging
from contacts.imports import prefetch
from contacts.models import Contact, ContactField, ContactImport, ContactTag
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file

HEADER = "email,phone,first,last,lang,city,points,tags\n"
MAPPING = ["email", "phone", "first_name", "last_name", "language", "attributes:city", "attributes:points", "tags"]


@pytest.fixture
def ann(acme) -> Contact:
    with scope(acme):
        ContactField.objects.create(name="city", label="City", kind="text")
        ContactField.objects.create(name="points", label="Points", kind="number")
        person = Contact.objects.create(
            email="ann@shop.example",
            phone="+33612345678",
            first_name="Ann",
            last_name="Ex",
            language="fr",
            status="unsubscribed",
            attributes={"city": "Lyon", "points": 3, "other": "kept"},
        )
        tagging.retag(person, ["vip"])
    return person


def state(workspace) -> tuple:
    with scope(workspace):
        person = Contact.objects.get()
        tags = [*ContactTag.objects.values_list("tag__name", flat=True)]
    return person.first_name, person.last_name, person.language, person.attributes, person.phone, person.status, tags


def test_an_empty_cell_changes_nothing_by_default(acme, ann):
    before = state(acme)
    import_file(acme, HEADER + "ann@shop.example,,,,,,,\n", MAPPING)
    assert state(acme) == before


def test_an_empty_cell_empties_fields_names_and_language_only(acme, ann):
    done = import_file(acme, HEADER + "ann@shop.example,,,,,,,\n", MAPPING, clear_empty=True)
    assert counts(done) == {"updated": 1}
    assert state(acme) == ("", "", "", {"other": "kept"}, "+33612345678", "unsubscribed", ["vip"])


@pytest.mark.parametrize("word", ["", "NULL", "N/A", "-", "  "])
def test_words_for_nothing_empty_too(acme, ann, word):
    import_file(acme, f"email,city\nann@shop.example,{word}\n", ["email", "attributes:city"], clear_empty=True)
    assert state(acme)[3] == {"points": 3, "other": "kept"}


def test_an_unreadable_value_and_a_missing_cell_empty_nothing(acme, ann):
    mapping = ["email", "attributes:points", "attributes:city"]
    done = import_file(acme, "email,points,city\nann@shop.example,many\n", mapping, clear_empty=True)
    assert done.noted == 1 and state(acme)[3] == {"city": "Lyon", "points": 3, "other": "kept"}


def test_a_full_name_empties_both_names(acme, ann):
    import_file(acme, "email,name\nann@shop.example,\n", ["email", "full_name"], clear_empty=True)
    assert state(acme)[:2] == ("", "")


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize(
    "cells, expected", [(["Paris", ""], None), (["", "Paris"], "Paris"), (["Paris", "", "Nice"], "Nice")]
)
def test_the_last_row_about_a_person_counts(acme, ann, monkeypatch, chunk, cells, expected):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    data = "email,city\n" + "".join(f"ann@shop.example,{cell}\n" for cell in cells)
    import_file(acme, data, ["email", "attributes:city"], clear_empty=True)
    assert state(acme)[3].get("city") == expected


def test_new_people_come_in_as_they_are(acme, ann):
    import_file(
        acme, "email,first,city\nbob@shop.example,,Nice\n", ["email", "first_name", "attributes:city"], clear_empty=True
    )
    with scope(acme):
        assert Contact.objects.get(email="bob@shop.example").attributes == {"city": "Nice"}


def country_shown(page: str, column: int) -> str:
    field = re.search(rf'<input[^>]*name="country_{column}"[^>]*>', page)[0]
    return re.search(r'value="([^"]*)"', field)[1]


def test_the_page_asks_and_the_import_remembers(acme, ann, bob, as_user, run_jobs):
    client = as_user(bob)
    file = SimpleUploadedFile("p.csv", b"email,city,phone\nann@shop.example,,07400 123456\n")
    page = client.post("/w/acme/contacts/imports/new/", {"file": file})["Location"]
    shown = client.get(page).content.decode()
    assert "An empty cell empties the contact" in shown and "Country of numbers without a country code" in shown
    answers = {"column_0": "email", "column_1": "attributes:city", "column_2": "phone", "country_2": "GB"}
    answers |= {"consent_source": "shop", "confirmed": "on", "channels": "email", "clear_empty": "on"}
    assert client.post(page + "forecast/new/", answers).status_code == 302
    again = client.get(page + "?columns=1").content.decode()
    assert country_shown(again, 2) == "United Kingdom" and 'name="clear_empty" id="id_clear_empty" checked' in " ".join(
        again.replace('type="checkbox" ', "").split()
    ).replace('aria-describedby="id_clear_empty_helptext" ', "")
    client.post(page + "start/")
    run_jobs()
    with scope(acme):
        done = ContactImport.objects.get()
    assert done.clear_empty and done.reading[2]["country"] == "GB"
    assert state(acme)[3:5] == ({"points": 3, "other": "kept"}, "+447400123456")


def test_the_country_may_be_the_workspaces_again(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("p.csv", b"email,phone,country\na@shop.example,07400 123456,United Kingdom\n")
    page = client.post("/w/acme/contacts/imports/new/", {"file": file})["Location"]
    assert country_shown(client.get(page).content.decode(), 1) == "United Kingdom"
    answers = {"column_0": "email", "column_1": "phone", "consent_source": "x", "confirmed": "on", "country_1": ""}
    client.post(page + "forecast/new/", answers)
    with scope(acme):
        assert "country" not in ContactImport.objects.get().reading[1]
    refused = client.post(page + "forecast/new/", answers | {"country_1": "nowhere"})
    assert refused.status_code == 200
