"""Values of own fields and phone numbers, as people and spreadsheets write them in French and in English."""

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.fields import values
from contacts.fields.values import BadValue, read
from contacts.identity.phones import REASONS as PHONE_REASONS
from contacts.identity.phones import BadPhone, clean_phone
from contacts.models import ContactField


@contextmanager
def suppress_known(error: type[ValueError], reasons):
    """Suppress an error whose message is one of the reasons."""
    try:
        yield
    except error as problem:
        if str(problem) not in reasons:
            raise


@pytest.mark.parametrize(
    "kind, text, stored",
    [
        ("text", "  Lyon ", "Lyon"),
        ("text", "", None),
        ("number", "12", 12),
        ("number", "-3,5", -3.5),
        ("number", "1 234,56", 1234.56),
        ("number", "1\u202f234,56", 1234.56),
        ("number", "1.234,56", 1234.56),
        ("number", "1,234.56", 1234.56),
        ("number", "1,234,567", 1234567),
        ("number", "12.0", 12),
        ("number", "12,50 €", 12.5),
        ("number", "-12,50 €", -12.5),
        ("number", "-€12.50", -12.5),
        ("number", "\u2212 $1,234.50", -1234.5),
        ("number", "£-3", -3),
        ("number", "€ +3", 3),
        ("number", "+£3", 3),
        ("date", "2026-03-12", "2026-03-12"),
        ("date", "2026-03-12 00:00:00", "2026-03-12"),
        ("date", "12/03/2026", "2026-03-12"),
        ("date", "12.3.2026", "2026-03-12"),
        ("date", "1er février 2026", "2026-02-01"),
        ("date", "12 March 2026", "2026-03-12"),
        ("date", "March 12, 2026", "2026-03-12"),
        ("date", "12/03/70", "1970-03-12"),
        ("boolean", "Oui", True),
        ("boolean", "non", False),
        ("boolean", "VRAI", True),
        ("boolean", "0", False),
        ("url", "https://shop.example/a?b=1", "https://shop.example/a?b=1"),
        ("url", "shop.example", "https://shop.example"),
    ],
)
def test_values_are_read(kind, text, stored):
    assert read(kind, text) == stored


@pytest.mark.parametrize(
    "kind, text, reason",
    [
        ("number", "twelve", "not_number"),
        ("number", "1e400", "not_number"),
        ("number", "1,23,4", "not_number"),
        ("number", "-€-3", "not_number"),
        ("number", "-+3", "not_number"),
        ("number", "€++3", "not_number"),
        ("number", "3-", "not_number"),
        ("number", "9" * 40, "not_number"),
        ("date", "31/02/2026", "not_date"),
        ("date", "03/25/2026", "not_date"),
        ("date", "soon", "not_date"),
        ("boolean", "perhaps", "not_boolean"),
        ("url", "javascript:alert(1)", "not_url"),
        ("url", "two words", "not_url"),
        ("text", "x" * 2001, "value_too_long"),
    ],
)
def test_bad_values_have_a_reason(kind, text, reason):
    with pytest.raises(BadValue, match=reason):
        read(kind, text)
    assert reason in values.REASONS


def test_dates_and_numbers_follow_the_country():
    assert read("date", "03/25/2026", day_first=False) == "2026-03-25"
    assert read("number", "1,234", decimal_comma=False) == 1234 and read("number", "1,234") == 1.234


def test_choices_are_found_whatever_the_case_and_accents():
    field = ContactField(kind="choice", choices=["Fidèle", "Nouveau"])
    assert read(field, "FIDELE") == "Fidèle"
    with pytest.raises(BadValue, match="not_choice"):
        read(field, "autre")


def test_values_are_shown_in_the_readers_language():
    shown = [
        values.show(ContactField(kind=kind), value)
        for kind, value in [("boolean", True), ("date", "2026-03-12"), ("date", "odd"), ("number", 3), ("text", None)]
    ]
    assert shown == ["Yes", "12 March 2026", "odd", "3", ""]


@given(st.sampled_from(ContactField.Kind.values), st.text(), st.booleans())
def test_every_text_gives_a_value_or_a_known_reason(kind, text, flag):
    with suppress_known(BadValue, values.REASONS):
        read(kind, text, choices=["a"], day_first=flag, decimal_comma=flag)


@pytest.mark.parametrize(
    "text, country, stored",
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("612345678", "FR", "+33612345678"),  # a spreadsheet took the zero away
        ("33612345678", "FR", "+33612345678"),  # or the plus
        ("0033 6 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "BE", "+33612345678"),
        ("'+33612345678", "", "+33612345678"),
        ("(202) 456-1414", "US", "+12024561414"),
        ("+49 30 901820", "FR", "+4930901820"),
    ],
)
def test_phones_are_stored_one_way(text, country, stored):
    assert clean_phone(text, country) == stored


@pytest.mark.parametrize(
    "text, country, reason",
    [
        ("", "FR", "no_phone"),
        ("unknown", "FR", "phone_letters"),
        ("3.3612E+10", "FR", "phone_scientific"),
        ("3,3612E+10", "FR", "phone_scientific"),
        ("06 12 34", "FR", "phone_short"),
        ("+33 6 12 34 56 78 90 12", "FR", "phone_long"),
        ("0612345678", "", "phone_country"),
        ("+999123456789", "FR", "phone_country"),
    ],
)
def test_bad_phone_numbers_have_a_reason(text, country, reason):
    with pytest.raises(BadPhone, match=reason):
        clean_phone(text, country)
    assert reason in PHONE_REASONS


@given(st.text(), st.sampled_from(["FR", "US", ""]))
def test_every_text_gives_a_phone_number_or_a_known_reason(text, country):
    with suppress_known(BadPhone, PHONE_REASONS):
        assert len(clean_phone(text, country)) <= 16
