"""A value that can't be read costs that value and not the person: the row comes in, and a note lists what is missing."""

import pytest

from contacts.consent import suppression_list
from contacts.imports import forecasting, prefetch, running
from contacts.imports.languages import language_code
from contacts.models import (
    Company,
    CompanyContact,
    Contact,
    ContactField,
    ContactTag,
    ImportNote,
    RejectedRow,
    Suppression,
    Tag,
)
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, import_file, prepare

HEADER = "email,phone,born,points,language,role,first name,city\n"
MAPPING = [
    "email",
    "phone",
    "attributes:born",
    "attributes:points",
    "language",
    "company_role",
    "first_name",
    "attributes:city",
]


@pytest.fixture
def fields(acme):
    with scope(acme):
        for name, kind in (
            ("born", "date"),
            ("points", "number"),
            ("city", "text"),
            ("vip", "boolean"),
            ("site", "url"),
        ):
            ContactField.objects.create(name=name, label=name.title(), kind=kind)
        ContactField.objects.create(name="tier", label="Tier", kind="choice", choices=["Gold", "None"])


def notes(workspace) -> list[tuple]:
    with scope(workspace):
        return list(ImportNote.objects.order_by("line", "id").values_list("line", "column", "reason"))


def rejected(workspace) -> dict[int, str]:
    with scope(workspace):
        return dict(RejectedRow.objects.values_list("line", "reason"))


def people(workspace, *fields) -> list:
    with scope(workspace):
        return list(Contact.objects.order_by("id").values_list(*fields, flat=len(fields) == 1))


def forecast_and_import(workspace, data, mapping, **fields):
    """The finished import, after its forecast promised the same."""
    done = prepare(workspace, data, mapping, **fields)
    with scope(workspace):
        done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
    promised = done.preview["forecast"]
    finish(workspace, done)
    assert {name: n for name, n in promised["counts"].items() if n and name != "rows"} == counts(done) | (
        {"noted": done.noted} if done.noted else {}
    )
    assert promised["noted"] == done.noted_columns
    with scope(workspace):
        assert done.notes.count() == done.noted == sum(done.noted_columns.values())
    return done


def test_a_bad_phone_number_costs_only_the_number(acme):
    data = "email,phone\nann@shop.example,n/a\nbob@shop.example,1-415-555-2671 x12\ncy@shop.example,0612345678\n"
    done = forecast_and_import(acme, data, ["email", "phone"])
    assert counts(done) == {"created": 3} and done.noted == 2 and done.noted_columns == {"1": 2}
    assert people(acme, "email", "phone") == [
        ("ann@shop.example", None),
        ("bob@shop.example", None),
        ("cy@shop.example", "+33612345678"),
    ]
    assert notes(acme) == [(2, "phone", "no_value"), (3, "phone", "phone_long")]


def test_zero_dates_and_words_in_number_fields_cost_only_the_value(acme, fields):
    rows = [f"a{n}@shop.example,1980-02-{n + 1:02d},{n}" for n in range(22)]
    rows += ["ann@shop.example,0000-00-00,1", "bob@shop.example,1980-02-30,2", "cy@shop.example,1980-02-03,n/a"]
    rows += ["dee@shop.example,N/A,3"]
    done = forecast_and_import(
        acme, "email,birthday,points\n" + "\n".join(rows), ["email", "attributes:born", "attributes:points"]
    )
    assert counts(done) == {"created": 26}
    assert notes(acme) == [
        (24, "birthday", "zero_date"),
        (25, "birthday", "not_date"),
        (26, "points", "no_value"),
        (27, "birthday", "no_value"),
    ]
    assert people(acme, "attributes")[-4:] == [{"points": 1}, {"points": 2}, {"born": "1980-02-03"}, {"points": 3}]


def test_a_job_title_is_no_role_and_costs_nobody(acme):
    data = "email,role\nann@shop.example,Manager\nbob@shop.example,Developer\n"
    done = forecast_and_import(acme, data, ["email", "company_role"])
    assert counts(done) == {"created": 2} and [note[2] for note in notes(acme)] == ["not_role"] * 2


@pytest.mark.parametrize(
    "column, cell, reason",
    [
        ("phone", "12", "phone_short"),
        ("phone", "+33 6 12 34 56 78 90 12 34", "phone_long"),
        ("phone", "call me", "phone_letters"),
        ("phone", "3,3E+10", "phone_scientific"),
        ("phone", "00", "phone_short"),
        ("phone", "-", "no_value"),
        ("phone", "0142685300 poste 12", "phone_extension"),
        ("phone", "0612345678 ::: 0142685300", "more_phones"),
        ("attributes:born", "0000-00-00", "zero_date"),
        ("attributes:born", "0000-00-00 00:00:00", "zero_date"),
        ("attributes:born", "00/00/0000", "zero_date"),
        ("attributes:born", "31/02/2026", "not_date"),
        ("attributes:born", "soon", "not_date"),
        ("attributes:born", "s.o.", "no_value"),
        ("attributes:points", "many", "not_number"),
        ("attributes:points", "12abc", "not_number"),
        ("attributes:points", "k.A.", "no_value"),
        ("attributes:tier", "Bronze", "not_choice"),
        ("attributes:tier", "n/a", "no_value"),
        ("attributes:vip", "perhaps", "not_boolean"),
        ("attributes:vip", "?", "no_value"),
        ("attributes:site", "not a site", "not_url"),
        ("attributes:city", "x" * 2001, "value_too_long"),
        ("language", "Klingon", "not_language"),
        ("language", "xx", "not_language"),
        ("company_role", "Head of Sales", "not_role"),
        ("first_name", "x" * 121, "too_long"),
        ("last_name", "x" * 121, "too_long"),
        ("full_name", "x" * 121, "too_long"),
        ("tags", "x" * 61, "too_long"),
        ("lists", "x" * 121, "too_long"),
        ("company", "x" * 201, "too_long"),
        ("companies", "x" * 201, "too_long"),
        ("external_id", "x" * 121, "too_long"),
    ],
)
def test_whatever_a_side_value_is_the_person_comes_in(acme, fields, column, cell, reason):
    done = forecast_and_import(acme, f'email,x\nann@shop.example,"{cell}"\nbob@shop.example,\n', ["email", column])
    assert counts(done) == {"created": 2} and notes(acme) == [(2, "x", reason)]
    assert people(acme, "email") == ["ann@shop.example", "bob@shop.example"]


def test_a_value_that_is_empty_for_a_program_is_not_noted(acme, fields):
    words = ["NULL", "(null)", "\\N", "#N/A", "None", "nil", "undefined", "NaN"]
    rows = [f"p{n}@shop.example,{word},{word},{word},{word},{word},,{word}" for n, word in enumerate(words)]
    done = forecast_and_import(acme, HEADER + "\n".join(rows), MAPPING)
    assert counts(done) == {"created": len(words)} and not done.noted
    assert set(people(acme, "phone", "language")) == {(None, "")} and all(not a for a in people(acme, "attributes"))


@pytest.mark.parametrize("word", ["N/A", "n/a", "-", "--", "s.o.", "k.A.", "NULL", "none", "undefined", "?"])
def test_words_for_nothing_are_no_text_no_id_and_no_tag(acme, fields, word):
    data = f"email,id,city,tags,company\na@shop.example,{word},{word},{word},{word}\nb@shop.example,{word},{word},,\n"
    done = forecast_and_import(acme, data, ["email", "external_id", "attributes:city", "tags", "company"])
    assert counts(done) == {"created": 2}, "they are two people, not one with a customer number"
    assert people(acme, "external_id") == [None, None] and people(acme, "attributes") == [{}, {}]
    with scope(acme):
        assert not Tag.objects.exists() and not Company.objects.exists()


def test_an_option_that_is_called_none_is_an_answer(acme, fields):
    import_file(acme, "email,tier\na@shop.example,none\n", ["email", "attributes:tier"])
    assert people(acme, "attributes") == [{"tier": "None"}]


@pytest.mark.parametrize(
    "first, last, expected",
    [
        ("NULL", "", ("", "")),
        ("N/A", "", ("", "")),
        ("Ann", "N/A", ("Ann", "")),
        ("Ann", "#N/A", ("Ann", "")),
        ("Ann", "-", ("Ann", "")),
        ("Ann", "NULL", ("Ann", "")),
        ("Ann", "null", ("Ann", "")),
        ("NULL", "NULL", ("", "")),
        ("null", "null", ("", "")),
        ("none", "none", ("", "")),
        ("Jennifer", "Null", ("Jennifer", "Null")),
        ("JENNIFER", "NULL", ("JENNIFER", "NULL")),
        ("jennifer", "null", ("jennifer", "null")),
        ("Terrell", "None", ("Terrell", "None")),
        ("Zahra", "Nil", ("Zahra", "Nil")),
        ("Nan", "Goldin", ("Nan", "Goldin")),
        ("undefined", "Undefined", ("", "")),
        ("Ann", "(null)", ("Ann", "")),
        ("N", "A", ("N", "A")),
        ("Ann", "\\N", ("Ann", "")),
    ],
)
def test_people_called_null_keep_their_names(acme, first, last, expected):
    import_file(acme, f"email,f,l\na@shop.example,{first},{last}\n", ["email", "first_name", "last_name"])
    assert people(acme, "first_name", "last_name") == [expected]


def test_the_row_stays_rejected_if_its_only_identity_is_unreadable(acme):
    done = forecast_and_import(acme, "email,name\nbad@,Ann\nn/a,Bob\nok@shop.example,Cy\n", ["email", "first_name"])
    assert counts(done) == {"created": 1, "rejected": 2} and not done.noted
    assert rejected(acme) == {2: "not_valid", 3: "no_address"}


def test_another_identity_brings_the_row_in_without_its_address(acme):
    data = "email,phone,id\nbad,0612345678,\ntwo@@shop.example,,C-1\nbad,nor this,\n,,C-2\n"
    done = import_file(acme, data, ["email", "phone", "external_id"])
    assert counts(done) == {"created": 3, "rejected": 1} and rejected(acme) == {4: "at_signs"}
    assert notes(acme) == [(2, "email", "at_signs"), (3, "email", "at_signs")]
    assert people(acme, "email", "phone", "external_id") == [
        (None, "+33612345678", None),
        (None, None, "C-1"),
        (None, None, "C-2"),
    ]


def test_a_blocked_domain_is_refused_whatever_else_identifies_the_row(acme):
    from contacts.models import BlockedDomain

    with scope(acme):
        BlockedDomain.objects.create(domain="blocked.example")
    done = import_file(acme, "email,phone\nann@blocked.example,0612345678\n", ["email", "phone"])
    assert counts(done) == {"rejected": 1} and rejected(acme) == {2: "blocked_domain"}


def test_notes_of_a_row_that_is_rejected_later_are_dropped(acme):
    with scope(acme):
        suppression_list.erase("email", "gone@shop.example")
    done = forecast_and_import(acme, "email,phone\ngone@shop.example,12\nok@shop.example,12\n", ["email", "phone"])
    assert counts(done) == {"created": 1, "rejected": 1} and notes(acme) == [(3, "phone", "phone_short")]


def test_notes_of_each_line_are_kept_where_lines_are_merged(acme, monkeypatch):
    monkeypatch.setattr(prefetch, "CHUNK", 2)
    data = "email,phone\na@shop.example,1\na@shop.example,0612345678\na@shop.example,2\n"
    done = forecast_and_import(acme, data, ["email", "phone"])
    assert (done.created, done.merged, done.noted) == (1, 2, 2) and [note[0] for note in notes(acme)] == [2, 4]
    assert people(acme, "phone") == ["+33612345678"]


def test_companies_come_in_without_what_cannot_be_read(acme):
    data = "name,status,type,email,phone,site,contact,role,size\n"
    data += f"Acme,perhaps,whatever,bad,12,not a site,nobody,Boss,{'x' * 41}\nZed,n/a,,,,,ann@zed.example,admin,\n,actif,,,,,,,\n"
    mapping = ["company", "company_status", "company_kind", "email", "phone", "company_website", "contact_email"]
    mapping += ["company_role", "company_size"]
    done = forecast_and_import(acme, data, mapping, target="companies")
    assert counts(done) == {"created": 2, "rejected": 1} and done.noted == 9
    assert rejected(acme) == {4: "no_name"}
    with scope(acme):
        acme_ltd = Company.objects.get(name="Acme")
        assert (acme_ltd.status, acme_ltd.email, acme_ltd.phone, acme_ltd.website) == ("active", "", "", "")
        assert CompanyContact.objects.get().role == "administrator"


def test_a_do_not_contact_file_loses_no_address_of_a_cell(acme):
    with scope(acme):
        Contact.objects.create(email="b@shop.example", status="subscribed")
        suppression_list.erase("email", "gone@shop.example")
    data = 'email,phone\n"A <a@shop.example>; b@shop.example; gone@shop.example",12\nbad,0612345678\nbad,\n'
    done = forecast_and_import(acme, data, ["email", "phone"], target="suppress")
    assert counts(done) == {"created": 2, "rejected": 1}
    with scope(acme):
        assert Contact.objects.get().status == "unsubscribed"
        listed = {*Suppression.objects.values_list("recipient", flat=True)}
        assert {"a@shop.example", "b@shop.example", "+33612345678"} <= listed and "gone@shop.example" not in listed


def test_google_contacts(acme):
    data = (
        "First Name,Last Name,Labels,E-mail 1 - Value,Phone 1 - Value\n"
        "Ann,Ex,Clients ::: * myContacts,ann@shop.example ::: ann2@shop.example,+33612345678 ::: +33142685300\n"
        "Bob,Ex,* myContacts,bob@shop.example,+33612345679\n"
    )
    done = import_file(acme, data, ["first_name", "last_name", "tags", "email", "phone"])
    assert counts(done) == {"created": 2}
    assert people(acme, "email", "phone") == [
        ("ann@shop.example", "+33612345678"),
        ("bob@shop.example", "+33612345679"),
    ]
    assert notes(acme) == [(2, "E-mail 1 - Value", "more_addresses"), (2, "Phone 1 - Value", "more_phones")]
    with scope(acme):
        given = {*ContactTag.objects.values_list("contact__first_name", "tag__name")}
    assert given == {("Ann", "Clients"), ("Ann", "myContacts"), ("Bob", "myContacts")}


@pytest.mark.parametrize(
    "cell",
    [
        "vip; shop",
        "vip|shop",
        "vip ::: shop",
        '["vip", "shop"]',
        "['vip', 'shop']",
        "{vip,shop}",
        "* vip ::: shop",
        "vip, , shop,",
    ],
)
def test_tags_are_separated_as_programs_write_them(acme, cell):
    quoted = cell.replace('"', '""')
    import_file(acme, f'email,tags\nann@shop.example,"{quoted}"\n', ["email", "tags"])
    with scope(acme):
        assert {*Tag.objects.values_list("name", flat=True)} == {"vip", "shop"}


@pytest.mark.parametrize(
    "text, code",
    [
        ("Polish", "pl"), ("zh-Hans-CN", "zh"), ("English (US)", "en"), ("fr_FR.UTF-8", "fr"), ("FR", "fr"),
        ("Français", "fr"), ("Französisch", "fr"), ("francese", "fr"), ("francés", "fr"), ("Frans", "fr"),
        ("anglais", "en"), ("Inglés", "en"), ("inglese", "en"), ("Engels", "en"), ("Englisch", "en"),
        ("Deutsch", "de"), ("allemand", "de"), ("Alemán", "de"), ("tedesco", "de"), ("Duits", "de"),
        ("polski", "pl"), ("中文", "zh"), ("日本語", "ja"), ("русский", "ru"), ("Nederlands", "nl"), ("Português", "pt"),
        ("Brazilian Portuguese", "pt"), ("Chinese (Simplified)", "zh"), ("fra", "fr"), ("ger", "de"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("en_GB", "en"), ("pt-BR", "pt"), ("Klingon", None), ("xx", None), ("", None),
        ("Manager", None), ("123", None),
    ],
)  # fmt: skip
def test_languages_as_codes_and_words(text, code):
    assert language_code(text) == code


def test_the_pages_and_the_file_of_notes(acme, bob, as_user, fields):
    data = "email,phone,=cmd\nann@shop.example,n/a,=x\nbob@shop.example,12,y\n"
    done = forecast_and_import(acme, data, ["email", "phone", "attributes:city"])
    client = as_user(bob)
    shown = client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "Imported without a value" in shown and "The phone number is too short" in shown
    answer = client.get(f"/w/acme/contacts/imports/{done.pk}/notes.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "Row,Column,Reason,Value,email,phone,'=cmd"
    assert lines[2] == "3,phone,The phone number is too short,12,bob@shop.example,12,y" and "'=x" in lines[1]


def test_who_may_not_import_gets_no_notes_and_others_see_nothing(acme, beta, as_user, bob, rita):
    done = import_file(acme, "email,phone\nann@shop.example,n/a\n", ["email", "phone"])
    assert as_user(rita).get(f"/w/acme/contacts/imports/{done.pk}/notes.csv").status_code in (403, 404)
    other = import_file(beta, "email,phone\nann@shop.example,n/a\n", ["email", "phone"])
    assert as_user(bob).get(f"/w/acme/contacts/imports/{other.pk}/notes.csv").status_code == 404


def test_running_again_after_a_conflict_notes_nothing_twice(acme, monkeypatch):
    """A chunk is written again when another transaction changes the same people."""
    real, tries = running._write_notes, []

    def fail_once(*arguments):
        real(*arguments)
        tries.append(1)
        if len(tries) == 1:
            from django.db import IntegrityError

            raise IntegrityError

    monkeypatch.setattr(running, "_write_notes", fail_once)
    done = import_file(acme, "email,phone\nann@shop.example,n/a\n", ["email", "phone"])
    assert len(tries) == 2 and done.noted == 1 and len(notes(acme)) == 1
