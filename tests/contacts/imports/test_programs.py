"""The exports of other programs: each is recognised, mapped whole, and comes in as the program means it.

Beside each file in files/programs stands what is expected of it, as JSON. People and addresses are made up; the headings
are those of the programs.
"""

import csv
import io
import json
import random
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import columns, consent_answers, consent_headings, uploading
from contacts.imports.programs import registry
from contacts.imports.programs.program import FIELD, LEAVE_OUT
from contacts.models import CompanyContact, Consent, Contact, ContactField, ContactImport, ContactTag, ListMember
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, finish, forecast_of, import_file, prepare
from tests.markup import flat

FOLDER = Path(__file__).parent / "files/programs"
FILES = sorted(path.stem for path in FOLDER.glob("*.csv"))
PAGE = "/w/acme/contacts/imports/"


def content(name: str) -> bytes:
    return (FOLDER / f"{name}.csv").read_bytes()


def expected(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text())


def prepared(workspace, name: str, data: bytes = b"") -> ContactImport:
    return prepare(workspace, data or content(name), name=f"{name}.csv")


def program_of(workspace, done: ContactImport) -> str | None:
    with scope(workspace):
        program = columns.program_of(uploading.read_sample(done))
    return program and program.name


def mapped(done: ContactImport) -> dict[str, str]:
    """By heading, where the column goes: "phone", "new number: Points", "" if it is left out."""
    fields = done.to_make["fields"]
    return {
        heading: f"new {fields[meaning[4:]]['kind']}: {fields[meaning[4:]]['label']}"
        if meaning[:4] == "new:"
        else meaning
        for heading, meaning in zip(done.headings, done.mapping, strict=True)
    }


def counted(forecast: dict) -> dict:
    counts = {name: number for name in COUNTS if (number := forecast["counts"].get(name))}
    return {"counts": counts, "refused": forecast["refused"], "noted": forecast["noted"]}


def results(done: ContactImport) -> dict:
    counts = {name: number for name in COUNTS if (number := getattr(done, name))}
    return {"counts": counts, "refused": done.refused, "noted": done.noted_columns}


def people(workspace) -> dict[str, dict]:
    """By address, everything that the import stored about each person, without what is empty."""
    with scope(workspace):
        return {person.email: _person(person) for person in Contact.objects.order_by("id")}


def _person(person: Contact) -> dict:
    names = ("first_name", "last_name", "phone", "external_id", "language", "attributes")
    found = {name: getattr(person, name) for name in names}
    found |= {
        "status": [person.status, person.sms_status, person.whatsapp_status],
        "tags": sorted(ContactTag.objects.filter(contact=person).values_list("tag__name", flat=True)),
        "lists": sorted(ListMember.objects.filter(contact=person).values_list("contact_list__name", flat=True)),
        "companies": sorted(CompanyContact.objects.filter(contact=person).values_list("company__name", flat=True)),
        "consent": [_entry(entry) for entry in Consent.objects.filter(contact=person).order_by("id")],
    }
    if person.created_at.year < 2025:
        found["created"] = f"{person.created_at:%Y-%m-%d}"
    return {name: value for name, value in found.items() if value}


def _entry(entry: Consent) -> str:
    """A change of consent in a line: channel, state, its day if the file said one, its address, its reason."""
    day = f"{entry.at:%Y-%m-%d %H:%M}" if entry.at.year < 2025 else ""
    return " ".join(filter(None, [entry.channel, entry.state, day, entry.address, entry.reason]))


def test_twelve_programs_are_known_and_each_has_a_file():
    assert len(registry.PROGRAMS) == 12
    assert {expected(name)["program"] for name in FILES} == {program.name for program in registry.PROGRAMS}


@pytest.mark.parametrize("name", FILES)
def test_an_export_comes_in_as_its_program_means_it(acme, name):
    done = prepared(acme, name)
    found = {"program": program_of(acme, done), "mapping": mapped(done)}
    forecast = forecast_of(acme, done)
    finish(acme, done)
    found |= {"forecast": counted(forecast), "people": people(acme)}
    assert found == expected(name)
    assert results(done) == counted(forecast)


@pytest.mark.parametrize("name", FILES)
def test_columns_may_stand_in_any_order_beside_columns_of_the_merchants_own(acme, name):
    reader = list(csv.reader(io.StringIO(content(name).decode()), delimiter=";" if name == "brevo" else ","))
    order = list(range(len(reader[0])))
    random.Random(name).shuffle(order)
    out = io.StringIO()
    writer = csv.writer(out)
    for number, row in enumerate(reader):
        writer.writerow(["Shoe size" if number == 0 else f"{36 + number}½", *(row[n] for n in order)])
    done = prepared(acme, name, out.getvalue().encode())
    assert program_of(acme, done) == expected(name)["program"]
    assert mapped(done) == expected(name)["mapping"] | {"Shoe size": "new text: Shoe size"}


@pytest.mark.parametrize("name", FILES)
def test_optional_columns_may_be_missing(acme, name):
    """Without the columns that are left out, the others go where they went before."""
    whole = expected(name)["mapping"]
    reader = csv.DictReader(io.StringIO(content(name).decode()), delimiter=";" if name == "brevo" else ",")
    rows = list(reader)
    kept = [heading for heading, goes in whole.items() if goes]
    out = io.StringIO()
    writer = csv.DictWriter(out, kept, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    done = prepared(acme, name, out.getvalue().encode())
    if program_of(acme, done):
        assert mapped(done) == {heading: whole[heading] for heading in kept}
    # Whether it is recognised depends on what was dropped; who is written to must not.
    before = {heading: meaning for heading, meaning in whole.items() if meaning.endswith("_consent")}
    assert {heading: mapped(done)[heading] for heading in before} == before


def test_what_a_yes_means_is_known_for_each_column_about_consent():
    """A yes in a column whose heading says nothing is a yes: under "Do not contact" it would subscribe."""
    headings = [
        heading.strip().replace("*", "News")
        for program in registry.PROGRAMS
        for meaning in consent_answers.ANSWERS
        for heading in program.columns.get(meaning, "").split(",")
        if heading.strip()
    ]
    assert [heading for heading in headings if consent_headings.heading_of(heading) is None] == []


def test_no_column_about_refusals_becomes_a_field_or_is_left_out():
    """A program's table is asked before the heading is: what it takes for a field is heeded by nobody."""
    kept = [
        heading.strip()
        for program in registry.PROGRAMS
        for heading in f"{program.columns.get(FIELD, '')},{program.columns.get(LEAVE_OUT, '')}".split(",")
    ]
    known = [(heading, found.kind) for heading in kept if (found := consent_headings.heading_of(heading))]
    assert [heading for heading, kind in known if kind in consent_headings.NO_OF_KIND] == []


@pytest.mark.parametrize(
    "headings, program",
    [
        ("Email,First name,Last name,Data,External ID", "Keila"),
        ("email,name,attributes", "listmonk"),
        (
            "Record ID,First Name,Last Name,Email,Invalid email address,Email hard bounce reason,"
            "Marketing contact status",
            "HubSpot",
        ),
        ("Email,First Name,Marketing contact status,Unsubscribed from all email,Lists,Tags", "HubSpot"),
        (
            "hs_object_id,firstname,lastname,email,hs_email_optout,hs_email_hard_bounce_reason_enum,"
            "hs_emailconfirmationstatus,lifecyclestage",
            "HubSpot",
        ),
        ("Datensatz-ID,Vorname,Nachname,E-Mail,Telefonnummer,Firmenname", "HubSpot"),
        ("ID de registro,Nombre,Apellidos,Correo,Etapa del ciclo de vida,Propietario del contacto", "HubSpot"),
        (
            "email,id,emailBlacklisted,smsBlacklisted,createdAt,modifiedAt,listIds,listUnsubscribed,"
            "attributes.PRENOM,attributes.NOM",
            "Brevo",
        ),
    ],
)
def test_other_forms_of_an_export_are_known(headings, program):
    found = registry.recognise(tuple(headings.split(",")))
    assert found is not None and found.name == program


@pytest.mark.parametrize(
    "headings, yes, no",
    [
        (
            "Datensatz-ID,Vorname,Nachname,E-Mail,Erstelldatum,Marketingkontaktstatus",
            "Marketingkontakt",
            "Nicht-Marketingkontakt",
        ),
        (
            "ID de registro,Nombre,Apellidos,Correo,Fecha de creación,Estado de contacto de marketing",
            "Contacto de marketing",
            "Contacto no de marketing",
        ),
        ("ID record,Nome,Cognome,Indirizzo e-mail,Data di creazione,Stato contatto marketing", "true", "false"),
        (
            "ID do registro,Nome,Sobrenome,Endereço de e-mail,Data de criação,Status de contato de marketing",
            "true",
            "false",
        ),
        ("Record-ID,Voornaam,Achternaam,E-mailadres,createdate,hs_marketable_status,Contacteigenaar", "true", "false"),
    ],
)
def test_the_commonest_labels_of_hubspot_are_known_in_more_languages(acme, headings, yes, no):
    rows = [
        f"101,Ann,Ex,ann@shop.example,2023-01-02,{yes}",
        f"102,Bob,Ex,bob@shop.example,2023-01-02,{no}",
    ]
    done = prepare(acme, "\n".join([headings, *rows]) + "\n")
    assert program_of(acme, done) == "HubSpot"
    meanings = ["new text: HubSpot ID", "first_name", "last_name", "email", "created_at", "email_consent"]
    assert list(mapped(done).values())[:6] == meanings
    finish(acme, done)
    with scope(acme):
        assert dict(Contact.objects.values_list("first_name", "status")) == {"Ann": "subscribed", "Bob": "pending"}


def test_names_of_an_api_are_mapped_and_shown_without_their_prefix(acme):
    text = (
        "email,id,emailBlacklisted,smsBlacklisted,createdAt,listIds,listUnsubscribed,attributes.PRENOM,attributes.NOM,"
        "attributes.VILLE\nann@shop.example,1,false,false,2023-01-02T03:04:05Z,[2],,Ann,Ex,Lyon\n"
        "bob@shop.example,2,true,false,2023-01-02T03:04:05Z,[2],[2],Bob,Ex,Lyon\n"
    )
    done = prepare(acme, text)
    assert mapped(done) == {
        "email": "email",
        "id": "",
        "emailBlacklisted": "email_consent",
        "smsBlacklisted": "sms_consent",
        "createdAt": "created_at",
        "listIds": "",
        "listUnsubscribed": "email_consent",
        "attributes.PRENOM": "first_name",
        "attributes.NOM": "last_name",
        "attributes.VILLE": "new text: Ville",
    }
    finish(acme, done)
    with scope(acme):
        assert dict(Contact.objects.values_list("email", "status")) == {
            "ann@shop.example": "subscribed",
            "bob@shop.example": "unsubscribed",
        }


@pytest.mark.parametrize(
    "headings",
    [
        "email,first name,last name,phone,tags",
        "Email,Status,City",
        "nom;prénom;email;sms",
        "E-mail,Name,Company,Country,Notes",
        "Subscriber,Status",
        "email,name,status,created_at",
        "email,firstname,lastname,points",
    ],
)
def test_an_ordinary_file_is_no_export_of_a_program(headings):
    delimiter = ";" if ";" in headings else ","
    assert registry.recognise(tuple(headings.split(delimiter))) is None


def test_the_page_says_which_program_the_file_comes_from_and_what_to_know(acme, bob, as_user):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("export.csv", content("mailchimp"))})["Location"]
    shown = flat(client.get(page))
    assert "This looks like an export of Mailchimp." in shown and "into separate files" in shown
    bob.language = "fr"
    bob.save()
    assert "export de Mailchimp" in flat(as_user(bob).get(page))


def test_codes_of_places_are_no_yes_and_no(acme):
    done = prepare(acme, "Email,Province Code,Country,Plays\na@shop.example,ON,NO,on\nb@shop.example,ON,NO,off\n")
    assert mapped(done) == {
        "Email": "email",
        "Province Code": "new text: Province Code",
        "Country": "new text: Country",
        "Plays": "new boolean: Plays",
    }


def test_an_apostrophe_before_an_id_is_no_part_of_it(acme):
    import_file(acme, "Customer ID,Email\n'111,a@shop.example\n1,b@shop.example\n2,c@shop.example\n")
    with scope(acme):
        assert set(Contact.objects.values_list("external_id", flat=True)) == {"111", "1", "2"}


def test_a_date_marked_as_text_is_a_date(acme):
    done = prepare(acme, "Email,Born\na@shop.example,'1990-05-02\nb@shop.example,'1991-06-03\n")
    assert mapped(done)["Born"] == "new date: Born"
    finish(acme, done)
    with scope(acme):
        assert Contact.objects.get(email="a@shop.example").attributes == {"born": "1990-05-02"}


def test_passwords_are_never_proposed_to_be_imported():
    for name in FILES:
        goes = expected(name)["mapping"]
        assert not any(goes.get(heading) for heading in ("user_pass", "session_tokens"))


def test_nobody_is_subscribed_of_a_file_whose_name_says_that_they_never_subscribed(acme, bob, as_user, run_jobs):
    client = as_user(bob)
    file = SimpleUploadedFile("nonsubscribed_email_audience_export_a1b2.csv", content("mailchimp"))
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    assert "nobody will be subscribed" in flat(client.get(page))
    with scope(acme):
        done = ContactImport.objects.get()
    assert done.channels == []
    # Whoever claims no consent has none to confirm.
    answers = {f"column_{n}": meaning for n, meaning in enumerate(done.mapping)}
    client.post(page + "forecast/new/", answers)
    run_jobs()
    client.post(page + "start/")
    run_jobs()
    with scope(acme):
        assert Contact.objects.count() == 5
        assert set(Contact.objects.values_list("status", flat=True)) == {"pending"}


def test_a_channel_still_needs_a_word_on_how_people_agreed(acme, bob, as_user, run_jobs):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", b"email\na@x.example\n")})["Location"]
    shown = flat(client.post(page + "forecast/new/", {"column_0": "email", "channels": "email"}))
    assert "Enter how these people agreed" in shown and "Confirm that everyone" in shown
    assert run_jobs() == []


def test_a_field_that_exists_is_used_under_its_heading_or_its_name(acme):
    with scope(acme):
        ContactField.objects.create(name="city", label="City", kind="text")
        ContactField.objects.create(name="note", label="Note", kind="text")
    goes = mapped(prepared(acme, "shopify"))
    assert goes["Default Address City"] == "attributes:city" and goes["Note"] == "attributes:note"


def test_people_of_two_programs_meet_by_their_addresses(acme):
    """Each program has ids of its own. Were they customer numbers, the second file would contradict the first."""
    for name in ("mailchimp", "hubspot", "google-contacts", "klaviyo"):
        assert "external_id" not in expected(name)["mapping"].values()


def test_a_value_that_the_program_explains_needs_no_check(acme, bob, as_user):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("brevo.csv", content("brevo"))})["Location"]
    assert "Not understood: please check." not in flat(client.get(page))
