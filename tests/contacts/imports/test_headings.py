"""What a column means, by its heading in seven languages, and by its values where the heading says nothing."""

import pytest

from contacts.imports import headings
from contacts.models import Contact
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare


def mapping_of(acme, heading_row: str, *rows: str) -> list[str]:
    return prepare(acme, "\n".join([heading_row, *rows]) + "\n").mapping


@pytest.mark.parametrize(
    "heading, meaning",
    [
        ("Tél. portable", "phone"),
        ("N° client", "external_id"),
        ("Mél", "email"),
        ("Raison sociale", "company"),
        ("E-Mail-Adresse", "email"),
        ("Handynummer", "phone"),
        ("Vorname", "first_name"),
        ("Nachname", "last_name"),
        ("Kunden-Nr.", "external_id"),
        ("Sprache", "language"),
        ("Firma", "company"),
        ("Correo electrónico", "email"),
        ("Teléfono móvil", "phone"),
        ("Apellidos", "last_name"),
        ("Idioma", "language"),
        ("Etiquetas", "tags"),
        ("Empresa", "company"),
        ("Indirizzo e-mail", "email"),
        ("Cellulare", "phone"),
        ("Cognome", "last_name"),
        ("Nome e cognome", "full_name"),
        ("Ragione sociale", "company"),
        ("Endereço de e-mail", "email"),
        ("Telemóvel", "phone"),
        ("Sobrenome", "last_name"),
        ("Organização", "company"),
        ("E-mailadres", "email"),
        ("Mobiele telefoon", "phone"),
        ("Voornaam", "first_name"),
        ("Achternaam", "last_name"),
        ("Bedrijfsnaam", "company"),
        ("Klantnummer", "external_id"),
        ("E-mail 1 - Value", "email"),
        ("Phone 1 - Value", "phone"),
        ("Organization 1 - Name", "company"),
        ("Group Membership", "tags"),
        ("Record ID", "external_id"),
    ],
)
def test_headings(acme, heading, meaning):
    values = {"language": "fr", "phone": "+33612345678", "email": "ana@x.example"}
    other = "Courriel" if meaning != "email" else "Ville"
    mapping = mapping_of(acme, f"{heading},{other}", f"{values.get(meaning, 'Ana')},bob@x.example")
    assert mapping[0] == meaning


@pytest.mark.parametrize("name", ["doNotContact", "do_not_contact", "Do not contact?", "  DO-NOT  Contact "])
def test_the_words_of_a_heading_however_they_are_joined(name):
    assert headings.words_of(name) == ["do", "not", "contact"]


def test_the_letters_of_a_heading():
    assert headings.words_of("Désabonnés2024Liste_3") == ["desabonnes2024", "liste", "3"]
    assert headings.letters_of("Désabonnés2024Liste_3") == ["desabonnes", "liste"]


@pytest.mark.parametrize("first", ["Nome", "Nombre"])
def test_a_name_is_the_whole_name_where_no_other_column_has_the_last(acme, first):
    assert mapping_of(acme, f"{first},E-mail", "Ana,ana@x.example")[0] == "full_name"
    assert mapping_of(acme, f"{first},Apellido,E-mail", "Ana,Ruiz,ana@x.example")[:2] == ["first_name", "last_name"]


def test_addresses_are_found_under_any_heading_beside_an_id(acme):
    data = "ID;Contatto principale\n1;ana@x.example\n2;bob@x.example\n"
    done = finish(acme, prepare(acme, data))
    assert done.mapping == ["external_id", "email"] and counts(done) == {"created": 2}
    with scope(acme):
        assert set(Contact.objects.values_list("external_id", "email")) == {
            ("1", "ana@x.example"),
            ("2", "bob@x.example"),
        }


def test_addresses_are_found_under_any_heading_beside_a_phone(acme):
    mapping = mapping_of(acme, "Telefono,Recapito", "+39 312 345 6789,ana@x.example", "+39 312 345 6780,bob@x.example")
    assert mapping == ["phone", "email"]


def test_addresses_under_a_heading_of_consent_are_addresses(acme):
    rows = ["ann@x.example,Ann", "bob@x.example,Bob"]
    assert mapping_of(acme, "Invalid Email,Name", *rows) == ["email", "full_name"]


@pytest.mark.parametrize(
    "roles, meaning", [(["admin", "internal"], "company_role"), (["Head of sales", "Baker"], "new:role")]
)
def test_a_job_title_is_no_role_in_a_company(acme, roles, meaning):
    rows = [f"p{n}@x.example,Acme,{role}" for n, role in enumerate(roles)]
    assert mapping_of(acme, "email,company,role", *rows)[2] == meaning


def test_short_french_headings(acme):
    data = "Mail;Prénom;Nom;Tél. portable\nana@x.example;Ana;Ruiz;06 12 34 56 78\n"
    done = import_file(acme, data)
    with scope(acme):
        ana = Contact.objects.get()
    assert (ana.first_name, ana.last_name, ana.phone) == ("Ana", "Ruiz", "+33612345678")
    assert counts(done) == {"created": 1}
