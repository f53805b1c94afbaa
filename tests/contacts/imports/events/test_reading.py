"""Times, amounts and currencies as programs and people write them."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.contact_events import limits
from contacts.fields import values
from contacts.imports import event_reading
from contacts.imports.event_reading import EventReading

PARIS = ZoneInfo("Europe/Paris")


def reading(**options) -> EventReading:
    conventions = {"day_first": True, "decimal_comma": True} | options
    return event_reading.load(["event_time", "event_value"], [], {"currency": "EUR"}, PARIS, conventions, [])


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2021-03-01", "2021-03-01T00:00+01:00"),
        ("01/03/2021 14:03", "2021-03-01T14:03+01:00"),
        ("1.3.2021 9:05:59.123", "2021-03-01T09:05:59+01:00"),
        ("01/03/2021 2:03 PM", "2021-03-01T14:03+01:00"),
        ("01/03/2021 12:00 a.m.", "2021-03-01T00:00+01:00"),
        ("2021-03-01T14:03:22Z", "2021-03-01T14:03:22+00:00"),
        ("2021-03-01 14:03:22 -0500", "2021-03-01T14:03:22-05:00"),
        ("2021-03-01T14:03:22.123456+05:30", "2021-03-01T14:03:22+05:30"),
        ("2021-03-01 14:03 UTC", "2021-03-01T14:03+00:00"),
        ("1 mars 2021, 14h03", "2021-03-01T14:03+01:00"),
        ("2021-07-01", "2021-07-01T00:00+02:00"),
        ("1 mars 2021 à 14h03", "2021-03-01T14:03+01:00"),
        ("March 1, 2021 at 2:03 PM", "2021-03-01T14:03+01:00"),
        ("lundi 1 mars 2021", "2021-03-01T00:00+01:00"),
        ("Mercredi 3 mars 2021 à 14h03", "2021-03-03T14:03+01:00"),
        ("dim. 7 mars 2021", "2021-03-07T00:00+01:00"),
        ("mardi 2 mars 2021", "2021-03-02T00:00+01:00"),
        ("mar. 2 mars 2021", "2021-03-02T00:00+01:00"),
        ("Mon, 1 Mar 2021 14:03:22 -0500", "2021-03-01T14:03:22-05:00"),
        ("Wednesday, March 3, 2021", "2021-03-03T00:00+01:00"),
        ("2021-07-01 14:03 CEST", "2021-07-01T14:03+02:00"),
        ("2021-03-01 14:03 CET", "2021-03-01T14:03+01:00"),
        ("2021-03-01 24:00", "2021-03-02T00:00+01:00"),
        ("20210301", "2021-03-01T00:00+01:00"),
        ("20210301T14:03:22Z", "2021-03-01T14:03:22+00:00"),
        ("20210301 14:03", "2021-03-01T14:03+01:00"),
        ("20210301T140322", "2021-03-01T14:03:22+01:00"),
        ("20210301T140322.5Z", "2021-03-01T14:03:22+00:00"),
        ("20210301 1403", "2021-03-01T14:03+01:00"),
        ("20210301T140322+0530", "2021-03-01T14:03:22+05:30"),
        ("2021-03-01T10:00:00.123456789", "2021-03-01T10:00:00+01:00"),
        ("2021-03-01 10:00:00.12345678", "2021-03-01T10:00:00+01:00"),
        ("2021-03-01T10:00:00,20210301", "2021-03-01T10:00:00+01:00"),
        ("mars 1, 2021", "2021-03-01T00:00+01:00"),
        ("Mar 1, 2021", "2021-03-01T00:00+01:00"),
        ("Mar-01-21", "2021-03-01T00:00+01:00"),
        ("01-Mär-21", "2021-03-01T00:00+01:00"),
        ("10-Dez-20 14:03", "2020-12-10T14:03+01:00"),
        ("1. März 2021, 14:03", "2021-03-01T14:03+01:00"),
        ("1 mei 2021", "2021-05-01T00:00+02:00"),
        ("1 de marzo de 2021", "2021-03-01T00:00+01:00"),
        ("Oct-1-20", "2020-10-01T00:00+02:00"),
        ("1614607402", "2021-03-01T14:03:22+00:00"),
        ("1614607402123", "2021-03-01T14:03:22+00:00"),
    ],
)
def test_times_are_read_as_programs_and_people_write_them(text, moment):
    assert reading().time(text) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2021-13-01",
        "25:00",
        "2021-03-01 25:00",
        "2021-03-01 13:00 pm",
        "2021-03-01 24:01",
        "2021-03-01 24:00 pm",
        "20211301",
        "31122021",
        "2021-03-01 14:03 CST",
        "lundi",
        "Mar-21",
        "01-Foo-21",
        "31-Feb-21",
        "Mar-01-210",
        "9999-12-31 24:00",
        "2021-03-01 13:00:60",
        "2021-03-01 13:00:99",
        "1 + 1",
        "0000-00-00",
        "2021-03-01T14",
        "2021-03-01T",
        "2021-03-01 14:03 + 1",
        "2021-03-01 14.03",
        "2021-03-01 14:03 15:04",
        "2021-03-01 10:00:00.1234567890",
        "20210301T1",
        "20210301T1403220",
        "20210301T256000",
        "01/03/2021 14",
        "01/03/2021 2 PM",
        "01/03/21 14.03",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(limits.BadEvent, match="event_time"):
        reading().time(text)


@pytest.mark.parametrize(
    "text, currency, read",
    [
        ("1 234,50 €", "", ("1234.5", "EUR")),
        ("£12", "", ("12", "GBP")),
        ("USD 12,5", "", ("12.5", "USD")),
        ("12,5 usd", "CHF", ("12.5", "CHF")),
        ("$5", "USD", ("5", "USD")),
        ("US$5", "", ("5", "USD")),
        ("-C$5.20", "", ("-5.2", "CAD")),
        ("A$ 5.20", "", ("5.2", "AUD")),
        ("(CA$5.20)", "", ("-5.2", "CAD")),
        ("$5 USD", "", ("5", "USD")),
        ("$5", "EUR", ("5", "EUR")),
        ("-3", "", ("-3", "EUR")),
        ("-£12.50", "", ("-12.5", "GBP")),
        ("£ -12.50", "", ("-12.5", "GBP")),
        ("\u2212USD 12,5", "", ("-12.5", "USD")),
        ("-12,5 usd", "", ("-12.5", "USD")),
        ("", "", (None, "")),
        ("(12.00)", "", ("-12", "EUR")),
        ("($28.00)", "USD", ("-28", "USD")),
        ("(£28.00)", "", ("-28", "GBP")),
        ("£(28.00)", "", ("-28", "GBP")),
        ("(12,00 €)", "CHF", ("-12", "CHF")),
        ("12-", "", ("-12", "EUR")),
        ("(12 USD)", "", ("-12", "USD")),
        ("USD (12)", "", ("-12", "USD")),
        ("12,50 €-", "", ("-12.5", "EUR")),
        ("12,50- €", "", ("-12.5", "EUR")),
        ("12", "€", ("12", "EUR")),
        ("12", " £ ", ("12", "GBP")),
        ("12", "EURO", ("12", "EUR")),
        ("12", "euros", ("12", "EUR")),
        ("12", "ZŁ", ("12", "PLN")),
    ],
)
def test_amounts_are_read_with_their_currency(text, currency, read):
    amount, code = reading().value(text, currency)
    assert (None if amount is None else Decimal(read[0]) == amount and read[0], code) == read


@pytest.mark.parametrize(
    "text, currency, reason",
    [
        ("12", "$", "event_currency"),
        ("$5", "", "event_dollar"),
        ("-$12", "", "event_dollar"),
        ("12 $", "", "event_dollar"),
        ("12", "kr", "event_currency"),
        ("(-12)", "", "event_value"),
        ("-12-", "", "event_value"),
        ("()", "", "event_value"),
        ("5-12", "", "event_value"),
        ("12-5", "", "event_value"),
    ],
)
def test_amounts_that_can_be_read_in_two_ways_are_refused(text, currency, reason):
    with pytest.raises(limits.BadEvent, match=reason):
        reading().value(text, currency)


@given(st.text(max_size=60), st.text(max_size=60))
def test_odd_cells_are_read_or_refused(time, amount):
    how = reading()
    for read in (lambda: how.time(time), lambda: how.value(amount, "")):
        with contextlib.suppress(limits.BadEvent):  # and nothing else
            read()


@given(
    st.datetimes(min_value=dt.datetime(2020, 6, 1), max_value=dt.datetime(2021, 6, 1)),
    st.decimals(-9999, 9999, places=2),
)
def test_what_was_written_is_what_is_read(moment, amount):
    how = reading(decimal_comma=False)
    aware = moment.replace(microsecond=0, tzinfo=dt.UTC)
    assert how.time(aware.isoformat()) == aware
    assert how.value(f"{amount} EUR")[0] == amount
    assert values.reader("number", decimal_comma=False)(str(amount)) == float(amount)
