"""Files of companies and do-not-contact files; own fields by kind; the command."""

import pytest
from django.core.management import call_command

from contacts.consent import suppression_list
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactTag,
    ImportNote,
    ListMember,
    RejectedRow,
    Suppression,
)
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file


def test_companies_are_known_by_name_with_their_key_contacts(acme):
    with scope(acme):
        Company.objects.create(name="Old Ltd", industry="Steel")
        ann = Contact.objects.create(email="ann@example.com", status="unsubscribed")
    rows = [
        "nom;statut;type;secteur;e-mail;site web;contact principal;rôle",
        "OLD ltd;inactif;Client fidèle;;;old.example;ann@example.com;Administrateur",
        "Neuf SARL;actif;prospect;Pain;hi@neuf.example;;bob@example.com;interne",
        "Tiers;;;;;;bob@example.com;",
        "neuf sarl;;client;;;;;",
        ";;;;;;;",
        "Odd;perhaps;;;;;;",
        ";actif;;;;;;",
    ]
    done = import_file(
        acme,
        "\n".join(rows),
        [
            "company",
            "company_status",
            "company_kind",
            "company_industry",
            "email",
            "company_website",
            "contact_email",
            "company_role",
        ],
        target="companies",
    )
    assert counts(done) == {"created": 3, "updated": 1, "merged": 1, "rejected": 1}
    with scope(acme):
        old, new = Company.objects.get(name="Old Ltd"), Company.objects.get(name="Neuf SARL")
        assert (old.status, old.kind, old.industry, old.website) == (
            "inactive",
            "loyal",
            "Steel",
            "https://old.example",
        )
        assert (new.status, new.kind, new.email) == ("active", "client", "hi@neuf.example")
        people = set(CompanyContact.objects.values_list("company__name", "contact__email", "role"))
        assert people == {
            ("Old Ltd", "ann@example.com", "administrator"),
            ("Neuf SARL", "bob@example.com", "internal"),
            ("Tiers", "bob@example.com", "internal"),
        }
        assert Contact.objects.get(email="bob@example.com").status == "pending"
        ann.refresh_from_db()
        assert ann.status == "unsubscribed" and not Consent.objects.exists()
        assert dict(RejectedRow.objects.values_list("line", "reason")) == {8: "no_name"}
        assert dict(ImportNote.objects.values_list("line", "reason")) == {7: "not_status"}


def test_a_do_not_contact_file_withdraws_consent_and_records_it(acme):
    with scope(acme):
        Contact.objects.create(
            email="a@example.com", phone="+33611111111", status="subscribed", sms_status="subscribed"
        )
        Contact.objects.create(email="b@example.com", status="bounced")
        suppression_list.suppress("email", "c@example.com", Suppression.Reason.COMPLAINED)
    rows = "email,phone\na@example.com,\nb@example.com,\nc@example.com,\n,06 11 11 11 11\na@example.com,\nbad,\n"
    done = import_file(acme, rows, ["email", "phone"], target="suppress")
    assert counts(done) == {"created": 3, "skipped": 1, "merged": 1, "rejected": 1} and done.kept_out == 2
    with scope(acme):
        contact = Contact.objects.get(email="a@example.com")
        assert (contact.status, contact.sms_status, contact.whatsapp_status) == ("unsubscribed",) * 3
        assert Contact.objects.get(email="b@example.com").status == "bounced"
        reasons = dict(Suppression.objects.values_list("recipient", "reason"))
        assert (
            reasons["a@example.com"] == reasons["+33611111111"] == "imported"
            and reasons["c@example.com"] == "complained"
        )
        assert set(Consent.objects.values_list("channel", "state", "source")) == {
            (c, "withdrawn", "import") for c in ("email", "sms", "whatsapp")
        }
    again = import_file(acme, "email,phone\na@example.com,\n", ["email", "phone"])
    with scope(acme):
        assert again.kept_out == 1 and Contact.objects.get(email="a@example.com").status == "unsubscribed"


def test_own_fields_are_checked_by_their_kind(acme):
    with scope(acme):
        ContactField.objects.create(name="n", label="N", kind="number")
        ContactField.objects.create(name="d", label="D", kind="date")
        ContactField.objects.create(name="c", label="C", kind="choice", choices=["Or", "Argent"])
    rows = "email;n;d;c\na@example.com;1 234,5;12/03/2026;ARGENT\nb@example.com;many;;\nc@example.com;;31/02/2026;\nd@example.com;;;Bronze\n"
    done = import_file(acme, rows, ["email", "attributes:n", "attributes:d", "attributes:c"])
    assert counts(done) == {"created": 4} and done.noted == 3
    with scope(acme):
        assert Contact.objects.get(email="a@example.com").attributes == {"n": 1234.5, "d": "2026-03-12", "c": "Argent"}
        assert set(ImportNote.objects.values_list("reason", flat=True)) == {"not_number", "not_date", "not_choice"}


@pytest.mark.parametrize(
    "name, first, last",
    [
        ("Marie Curie", "Marie", "Curie"),
        ("CURIE Marie", "Marie", "CURIE"),
        ("Curie, Marie", "Marie", "Curie"),
        ("Ana", "Ana", ""),
        ("Jean de La Fontaine", "Jean", "de La Fontaine"),
    ],
)
def test_full_names_languages_and_kinds_of_address(acme, name, first, last):
    import_file(
        acme,
        f"email;name;lang\ninfo@example.com;{name};Français\nx@mailinator.com;{name};EN-gb\n",
        ["email", "full_name", "language"],
    )
    with scope(acme):
        role, disposable = Contact.objects.order_by("email")
    assert (role.first_name, role.last_name, role.language, role.address_kind) == (first, last, "fr", "role")
    assert (disposable.language, disposable.address_kind) == ("en", "disposable")


def test_the_command_takes_the_same_options(acme, tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text("email,name\na@example.com,A\n")
    call_command(
        "import_contacts",
        "acme",
        file,
        "--consent",
        "fair",
        "--tag",
        "t",
        "--list",
        "Fair",
        "--mode",
        "add",
        "--basis",
        "contract",
    )
    assert "1 rows: 1 new" in capsys.readouterr().out
    with scope(acme):
        assert ContactTag.objects.count() == ListMember.objects.count() == 1
        assert Consent.objects.get().basis == "contract"
