"""What the name of a file says about its people is heeded, whichever program wrote it."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import uploading
from contacts.imports.file_names import Group, group_of
from contacts.models import Contact
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file, prepare
from tests.markup import flat

PAGE = "/w/acme/contacts/imports/"


@pytest.mark.parametrize(
    "name",
    [
        "unsubscribed_members_export.csv",
        "cleaned_members_export_1a2b.csv",
        "unsubscribed_email_audience_export_test.csv",
        "suppression_bounces.csv",
        "suppression_list.csv",
        "suppressed_profiles.csv",
        "global_unsubscribes 2024.csv",
        "OptedOutContacts.xlsx",
        "opt-outs.csv",
        "blocklisted.csv",
        "Blacklist Export.csv",
        "hard_bounces_2024.csv",
        "spam-reports.csv",
        "doNotContact.csv",
        "Désabonnés 2024.csv",
        "desinscriptions-newsletter.csv",
        "liste noire.csv",
        "NPAI.csv",
        "Newsletterabmeldungen.csv",
        "Abgemeldete.csv",
        "Sperrliste.csv",
        "bajas_2024.csv",
        "lista_negra.csv",
        "disiscritti.csv",
        "descadastrados.csv",
        "uitgeschreven.csv",
        "afmeldingen nieuwsbrief.csv",
        "unsubscribed and never subscribed.csv",
        "Non confirmés et désabonnés.csv",
    ],
)
def test_a_name_that_says_that_people_left(name):
    assert group_of(name) == Group.LEFT


@pytest.mark.parametrize(
    "name",
    [
        "nonsubscribed_email_audience_export_a1b2.csv",
        "non-subscribed members.csv",
        "transactional_members_export.csv",
        "unconfirmed.csv",
        "non abonnés.csv",
        "nicht bestätigt.csv",
        "no confirmados.csv",
        "non iscritti.csv",
        "não inscritos.csv",
        "niet bevestigd.csv",
    ],
)
def test_a_name_that_says_that_people_never_subscribed(name):
    assert group_of(name) == Group.NEVER_SUBSCRIBED


@pytest.mark.parametrize(
    "name",
    [
        "subscribed_members_export_1a2b.csv",
        "subscribers.csv",
        "people.csv",
        "customers_cleaned.csv",
        "clients retraités.csv",
        "offres-exclusives.csv",
        "clienti_esclusivi.csv",
        "abonnés.csv",
        "inscrits newsletter.csv",
        "Newsletter-Anmeldungen.csv",
        "suscriptores.csv",
        "iscritti.csv",
        "aangemeld.csv",
        "bouncers of the club.csv",
        "",
    ],
)
def test_a_name_that_says_nothing(name):
    assert group_of(name) is None


@pytest.mark.parametrize("name", ["unsubscribed_members_export.csv", "cleaned_members_export_1a2b.csv", "Bajas.csv"])
def test_nobody_in_a_file_of_those_who_left_is_subscribed(acme, name):
    done = import_file(acme, "Email,Name\nann@shop.example,Ann\n", name=name)
    assert done.channels == []
    with scope(acme):
        assert Contact.objects.get().status == "pending"


def test_the_name_of_a_sheet_counts_too(acme):
    book = openpyxl.Workbook()
    book.active.title = "Subscribers"
    book.active.append(["Email"])
    book.active.append(["ann@shop.example"])
    other = book.create_sheet("Unsubscribed")
    other.append(["Email"])
    other.append(["bob@shop.example"])
    data = io.BytesIO()
    book.save(data)
    done = prepare(acme, data.getvalue(), name="people.xlsx")
    assert (done.sheet, done.channels) == ("Subscribers", ["email"])
    with scope(acme):
        uploading.read_again(done, {"sheet": "Unsubscribed"})
        done.refresh_from_db()
        assert done.channels == []
        uploading.read_again(done, {"sheet": "Subscribers"})
        done.refresh_from_db()
    assert done.channels == ["email"]


def test_channels_that_were_chosen_stay_while_the_name_says_the_same(acme):
    done = prepare(acme, "Email,Name\nann@shop.example,Ann\n", name="unsubscribed.csv", channels=["email", "sms"])
    with scope(acme):
        uploading.read_again(done, {"has_header": True})
        done.refresh_from_db()
    assert done.channels == ["email", "sms"]


def test_the_page_says_why_no_channel_is_chosen(acme, bob, as_user):
    file = SimpleUploadedFile("unsubscribed_members_export.csv", b"Email,Name\nann@shop.example,Ann\n")
    client = as_user(bob)
    shown = flat(client.get(client.post(PAGE + "new/", {"file": file})["Location"]))
    assert "holds people who unsubscribed" in shown and "as a suppression list" in shown
    assert 'data-tone="danger"' in shown and "Fanfare proposes no channel" in shown
    assert 'href="/w/acme/contacts/imports/new/?target=suppress"' in shown


@pytest.mark.parametrize(
    "name, group",
    [("unsubscribed_members_export.csv", "who unsubscribed"), ("non abonnés.csv", "who never subscribed")],
)
def test_each_page_warns_where_a_channel_is_chosen_all_the_same(acme, bob, as_user, run_jobs, name, group):
    client = as_user(bob)
    address = client.post(PAGE + "new/", {"file": SimpleUploadedFile(name, b"Email\nann@shop.example\n")})["Location"]
    answers = {"column_0": "email", "consent_source": "form", "confirmed": "on", "channels": "email"}
    client.post(address + "forecast/new/", answers)
    run_jobs()
    for page in (address, address + "?columns=1"):
        shown = flat(client.get(page))
        assert f"this file holds people {group}" in shown and "people in it will be subscribed" in shown
        assert "nobody will be subscribed" not in shown
    client.post(address + "forecast/new/", answers | {"channels": []})
    run_jobs()
    assert "this file holds people" not in flat(client.get(address))
    assert "nobody will be subscribed" in flat(client.get(address + "?columns=1"))


def test_a_suppression_list_may_be_called_so(acme, bob, as_user):
    file = SimpleUploadedFile("suppression_list.csv", b"Email\nann@shop.example\n")
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": file, "target": "suppress"})["Location"]
    assert "holds people who unsubscribed" not in flat(client.get(page))
