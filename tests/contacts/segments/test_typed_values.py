"""What merchants type into conditions: pasted lists, ages, languages."""

import pytest
from django.utils import translation

from contacts.groups import pickers
from contacts.models import Contact, ContactField
from contacts.segments import audience, definition, describing
from contacts.segments.audience import Audience, Groups
from contacts.segments.comparisons import _last_day_of_age
from contacts.segments.person_conditions import typed_address, typed_domain
from kernel.tenancy import scope
from tests.contacts.segments.condition_answers import age


def read(on: str, op: str, **args) -> definition.Rule:
    return definition.read({"match": "all", "rules": [{"on": on, "op": op, "with": args}]}).rules()[0]


@pytest.mark.parametrize(
    "pasted, values",
    [
        ("75001\r\n75002\n\n 75003 \n75001", ["75001", "75002", "75003"]),
        ("75001; 75002;", ["75001", "75002"]),
        ("75001,75002", ["75001", "75002"]),
        ("Doe, Ann\nRoe, Bob", ["Doe, Ann", "Roe, Bob"]),
        ("a\tb", ["a", "b"]),
        (["Doe, Ann"], ["Doe, Ann"]),
    ],
)
def test_a_pasted_list_is_one_value_a_line(acme, pasted, values):
    with scope(acme):
        assert read("last_name", "one_of", values=pasted).args == {"values": values}


@pytest.mark.parametrize(
    "pasted, says",
    [
        ("", "at least one value"),
        (" \n ", "at least one value"),
        ("\n".join(map(str, range(5001))), "up to 5000 values"),
        ("\n".join(f"{n:0400}" for n in range(600)), "200000 characters"),
        ("ok\n" + "x" * 501, "can't be used"),
        ("ok\nb\0d", "can't be used"),
        ("ok\n\ud800", "can't be used"),
    ],
)
def test_a_list_that_can_not_be_used_says_why(acme, pasted, says):
    with scope(acme):
        assert says in read("last_name", "one_of", values=pasted).problem


def test_a_list_of_thousands_is_one_rule_and_comes_back_to_the_form(acme, alice, as_user):
    with scope(acme):
        ContactField.objects.create(name="zip", label="Zip")
        Contact.objects.create(email="a@example.com", status="subscribed", attributes={"zip": "4999"})
        Contact.objects.create(email="b@example.com", status="subscribed", attributes={"zip": "x"})
    data = {"name": "S", "node": ["g0", "r0.0"], "match-0": "all", "on-0.0": "field:zip", "op-0.0": "one_of"}
    data["with-0.0-values"] = "\n".join(map(str, range(5000)))
    page = as_user(alice).post("/w/acme/contacts/segments/new/", data, HTTP_HX_REQUEST="true").content.decode()
    assert "Zip is “0” or “1” or “2” or 4997 more." in page and "<strong>1</strong>" in page
    assert "\n4998\n4999</textarea>" in page


def test_ages_are_checked(acme):
    with scope(acme):
        ContactField.objects.create(name="born", label="Born", kind="date")
        assert "smaller number first" in read("field:born", "age", low="30", high="20").problem
        assert "from 0 to 150" in read("field:born", "age", low="1", high="151").problem
        rule = read("field:born", "age", low="18", high="30")
        assert describing.rule(rule) == "Born gives an age from 18 to 30"


def test_ages_at_the_end_of_february():
    import datetime

    for year in (2023, 2024, 2100):
        for today in (datetime.date(year, 2, 27) + datetime.timedelta(n) for n in range(4)):
            for years in (0, 1, 4, 100):
                last = _last_day_of_age(today, years)
                assert age(last, today) >= years > age(last + datetime.timedelta(1), today)


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("XN--mnchen-3ya.de", "münchen.de"),
        ("@München.DE", "münchen.de"),
        (".xn--p1ai", ".рф"),
        ("xn--mnchen-3ya", "münchen"),
        ("A b.DE", "a b.de"),
        ("Faß.de", "faß.de"),
    ],
)
def test_a_domain_has_one_form(typed, stored):
    assert typed_domain(typed) == stored
    assert typed_address(f"Ann@{typed.lstrip('@')}") == f"ann@{stored}"


def test_any_language_that_an_import_stores_can_be_chosen(acme):
    with scope(acme):
        for code in ("de", "fr", "xx", ""):
            Contact.objects.create(email=f"{code or 'none'}@example.com", status="subscribed", language=code)
    for chosen, names in [(["de", "xx"], {"de", "xx"}), (["fr"], {"fr"})]:
        data = {"version": 1, "match": "all", "rules": [{"on": "language", "op": "any", "with": {"values": chosen}}]}
        with scope(acme):
            found = audience.sample(acme.pk, Audience(include=Groups(definitions=(data,))), 9)
        assert {one.email.partition("@")[0] for one in found} == names
    with scope(acme):
        assert "no longer exists" in read("language", "any", values=["french"]).problem


@pytest.mark.parametrize(
    "language, typed, first",
    [("en", "germ", ("de", "German")), ("fr", "allem", ("de", "Allemand")), ("en", "DE", ("de", "German")),
     ("en", "xx", ("xx", "xx"))],
)  # fmt: skip
def test_languages_are_found_by_name_and_code(language, typed, first):
    with translation.override(language):
        found = pickers.LANGUAGE.find(typed).choices[0]
        assert (found.key, found.name) == first
