"""The country of a column's phone numbers: as another column names it, as chosen, else the workspace's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports.phone_countries import country_code, guess
from contacts.models import Contact, ContactImport
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file, prepare

BRITISH = ["07400 123456", "020 7946 0958", "0161 496 0000"]


def rows(numbers, country="") -> list[list[str]]:
    return [["a@shop.example", number, country] for number in numbers]


@pytest.mark.parametrize(
    "numbers, country, expected",
    [
        (BRITISH, "United Kingdom", "GB"),
        (BRITISH, "Royaume-Uni", "GB"),
        (BRITISH, "Vereinigtes Königreich", "GB"),
        (BRITISH[:1], "UK", ""),  # two letters are a country only under such a heading
        (BRITISH, "", ""),  # they would be valid in other countries, too
        (BRITISH, "Allemagne", ""),  # most are not valid there
        (["06 12 34 56 78"] * 3, "", ""),
        (["06 12 34 56 78"] * 3, "France", ""),
        (["+44 7400 123456"] * 3, "United Kingdom", ""),  # they say it themselves
        (["0044 7400 123456"] * 3, "United Kingdom", ""),
        (["(415) 555-2671", "(212) 555-0187", "(312) 555-0143"], "USA", "US"),
        (["0170 1234567", "030 123456", "089 1234567"], "Deutschland", "DE"),
        (["0170 1234567", "030 123456", "089 1234567"], "Allemagne", "DE"),
        (["91 123 45 67", "612 34 56 78", "934 12 34 56"], "España", "ES"),
        (["n/a", "call me", ""], "United Kingdom", ""),
        ([], "United Kingdom", ""),
        (["1", "2", "3"], "United Kingdom", ""),
    ],
)
def test_the_guess(numbers, country, expected):
    assert guess(rows(numbers, country), ["email", "phone", "where"], 1, "FR") == expected


def test_a_code_counts_under_its_heading():
    assert guess(rows(BRITISH, "GB"), ["email", "phone", "Country"], 1, "FR") == "GB"
    assert guess(rows(BRITISH, "DE"), ["email", "phone", "Pays"], 1, "GB") == ""


def test_countries_in_words():
    assert {country_code(name) for name in ("Germany", "Allemagne", "Deutschland", "Alemania", "Germania", "DE")} == {
        "DE"
    }
    assert country_code("Atlantis") is None and country_code("de") is None


def test_british_numbers_of_a_french_workspace(acme):
    with scope(acme):
        assert acme.country == "FR"
    data = "email,phone,country\nann@shop.example,07400 123456,United Kingdom\n"
    data += "bob@shop.example,020 7946 0958,United Kingdom\ncy@shop.example,06 12 34 56 78,France\n"
    done = import_file(acme, data, ["email", "phone", ""])
    assert done.reading[1]["country"] == "GB" and counts(done) == {"created": 3} and done.noted == 1
    with scope(acme):
        numbers = dict(Contact.objects.values_list("email", "phone"))
    assert numbers == {
        "ann@shop.example": "+447400123456",
        "bob@shop.example": "+442079460958",
        "cy@shop.example": None,
    }


@pytest.mark.parametrize("target", ["contacts", "companies", "suppress"])
def test_the_country_is_that_of_the_column(acme, target):
    meaning = {"contacts": "email", "companies": "company", "suppress": "email"}[target]
    data = "who,phone\na@shop.example,07400 123456\n"
    done = import_file(acme, data, [meaning, "phone"], target=target, reading=[{}, {"country": "GB"}])
    assert counts(done) == {"created": 1} and not done.noted


def test_the_country_is_remembered_for_the_same_columns(acme):
    import_file(acme, "Mail,Tel\nann@shop.example,07400 123456\n", ["email", "phone"], reading=[{}, {"country": "GB"}])
    again = prepare(acme, "Mail,Tel\nbob@shop.example,020 7946 0958\n")
    assert again.reading[1]["country"] == "GB" and again.target == ContactImport.Target.CONTACTS


PAGE = "/w/acme/contacts/imports/"
WIDE = (
    "email," + ",".join(f"c{n}" for n in range(60)) + "\n" + "a@x.example," + ",".join(f"0{n}1 23" for n in range(60))
)


def test_the_page_names_the_countries_once_however_many_columns_have_digits(acme, bob, as_user):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", WIDE.encode())})["Location"]
    shown = client.get(page).content.decode()
    assert shown.count('list="countries"') == 60 and shown.count('<option value="Switzerland"') == 1
    assert len(shown) < 600_000


@pytest.mark.parametrize(
    "said, kept",
    [
        ("Switzerland", "CH"),
        ("switzerland", "CH"),
        ("Suisse", "CH"),
        ("ch", "CH"),
        ("UK", "GB"),
        ("", None),
        ("Atlantis", "refused"),
        ("<b>", "refused"),
    ],
)
def test_a_country_is_chosen_by_name_or_code(acme, bob, as_user, said, kept):
    client = as_user(bob)
    file = SimpleUploadedFile("p.csv", b"email,phone\na@x.example,044 668 18 00\n")
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    answers = {"column_0": "email", "column_1": "phone", "country_1": said}
    shown = client.post(page + "forecast/new/", answers, follow=True).content.decode()
    with scope(acme):
        reading = ContactImport.objects.get().reading[1]
    assert ("Choose a country from the list." in shown) == (kept == "refused")
    assert kept == "refused" or reading.get("country") == kept
