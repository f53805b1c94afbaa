"""How the cells of a file of events are read: times, amounts with their currency."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contacts.contact_events import limits
from contacts.contact_events.limits import BadEvent
from contacts.fields import values
from contacts.imports import event_zones, format_inference

_TIME = re.compile(
    r"(?:T|,? (?:(?:à|at|um) )?)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?: ?([ap])\.?m\.?)?"
    r"(?: ?(Z|UTC|GMT|CET|CEST|[+-]\d{2}(?::?\d{2})?))?",
    re.IGNORECASE,
)
#: Hours ahead of UTC. Only names that mean one zone: CST is American, Chinese and Cuban.
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "cet": 1, "cest": 2}
# Before a day and a month: in “Mar 1, 2021” it is the month, not mardi.
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:di|credi|dredi|edi|anche)?)[.,]* "
    r"(?=\d{1,2}(?:er|st|nd|rd|th)? [^\W\d_]{3}|[^\W\d_]{3}|\d{1,4}[-/.])",
    re.IGNORECASE,
)
# ISO 8601's basic format, with the beginning of a time if that has it, too.
_BASIC_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)(?:[T ](\d{2})(\d{2})(\d{2})?(?![\d:]))?", re.IGNORECASE)
_MIDNIGHT = re.compile(r"[T ]00?:00(?::00)?$")
_SECONDS = re.compile(r"\d{10}|\d{13}")  # since 1970, as programs write them; or milliseconds
_CODE = re.compile(r"^[-+\u2212]?([A-Za-z]{3})(?![A-Za-z])|(?<![A-Za-z])([A-Za-z]{3})$")
# As accountants and programs write negative amounts: (12.00), 12-.
_NEGATIVE = re.compile(r"\(([^()]*)\)|([^-]*\d[^-]*)[-\u2212]")
#: Signs and words of one currency only: “$” and “kr” are those of many. $ alone may be any of DOLLARS.
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "₫": "VND"}
_DOLLAR_SIGNS = {"US": "USD", "CA": "CAD", "C": "CAD", "AU": "AUD", "A": "AUD", "NZ": "NZD", "HK": "HKD"}
_DOLLAR_SIGNS |= {"SG": "SGD", "S": "SGD", "MX": "MXN", "R": "BRL", "NT": "TWD"}
_DOLLAR_SIGN = re.compile(rf"(?<![A-Za-z])({'|'.join(_DOLLAR_SIGNS)})\$", re.IGNORECASE)
# The codes of ISO 4217.
_DOLLAR_CODES = (
    "USD CAD AUD NZD HKD SGD TWD BRL MXN ARS CLP COP CUP DOP UYU NIO BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD "
    "SRD TTD XCD CVE TOP WST"
)
DOLLARS = frozenset(_DOLLAR_CODES.split())
_WORDS = {"euro": "EUR", "euros": "EUR", "zł": "PLN"}
_AROUND = " \u00a0$" + "".join(_SIGNS)
# In the name of a column: "Created (UTC)", date_created_gmt; but not "Time (GMT+2)".
_UTC = re.compile(r"(?<![^\W_])(?:utc|gmt)(?![^\W_])(?! ?[-+\u2212]? ?\d)", re.IGNORECASE)
YEARS = (1900, 2200)


@dataclass(frozen=True)
class EventReading:
    """How an event's cells are read. `zone` is that of times that say none: the workspace's, or UTC where the column's
    name says so. `name` and `currency` are those of rows that say none of their own."""

    zone: ZoneInfo
    date: Callable[[str], values.Value]
    number: Callable[[str], values.Value]
    name: str = ""
    currency: str = ""

    def time(self, text: str, clock: str = "", zone: str = "") -> dt.datetime:
        """The moment. Times without a zone are of `zone`, days begin at midnight there. `clock` is the time of day from
        a column of its own, for a day without one; the argument `zone` is the name of a zone from a column of its own,
        for a time without one. Raises BadEvent."""
        text = _with_clock(" ".join(text.split()), " ".join(clock.split()))
        if _SECONDS.fullmatch(text):
            return limits.time(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC))
        if weekday := _WEEKDAY.match(text):
            text = text[weekday.end() :]
        if basic := _BASIC_DATE.match(text):
            text = _extended(basic) + text[basic.end() :]
        found = next((match for match in _TIME.finditer(text) if match.end() == len(text)), None)
        date = text[: found.start()] if found else text
        if values.has_time(date):  # that is not understood, and a reader of dates would leave it out
            raise BadEvent("event_time")
        try:
            day = dt.date.fromisoformat(str(self.date(date)))
            of_day, own = _clock(found) if found else (dt.time(), None)
            if found and int(found[1]) == 24:
                day += dt.timedelta(1)
        except (ValueError, OverflowError):  # also values.BadValue
            raise BadEvent("event_time") from None
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise BadEvent("event_time")
        return limits.time(dt.datetime.combine(day, of_day, tzinfo=own or self._zone(zone)))

    def _zone(self, name: str) -> dt.tzinfo:
        if not name:
            return self.zone
        if zone := event_zones.zone_of(name):
            return zone
        raise BadEvent("event_time")  # in the zone of the workspace it would be hours off

    def value(self, text: str, currency: str = "") -> tuple[Decimal | None, str]:
        """(amount, currency): of its own cell, else of a sign or code beside the amount, else the file's. Raises
        BadEvent."""
        found, text = sign_of(text)
        signed = text
        text = _with_minus_in_front(text)
        if match := _CODE.search(text):
            code = match[1] or match[2]
            found, text = found or code, text.replace(code, "")
        try:
            number = self.number(_with_minus_in_front(text))
        except values.BadValue:
            raise BadEvent("event_value") from None
        code = _code(currency) or found or self.currency
        if is_other_dollar(signed, code) and not currency.strip():
            raise BadEvent("event_dollar")
        return limits.value(None if number is None else Decimal(str(number)), code)


def is_clock(text: str) -> bool:
    """Whether this is a time of day alone: neither a date nor hours from … to …, which look like one with its zone."""
    return "-" not in text and bool(_TIME.fullmatch(f" {text.strip()}"))


def _with_clock(text: str, clock: str) -> str:
    """A day and its time of day as one text. A workbook writes days as their midnight."""
    day = _MIDNIGHT.sub("", text)
    basic = _BASIC_DATE.match(day)
    says_time = any(match.end() == len(day) for match in _TIME.finditer(day)) or bool(basic and basic[4])
    return text if not clock or says_time or _SECONDS.fullmatch(day) else f"{day} {clock}"


def sign_of(text: str) -> tuple[str, str]:
    """(the currency whose sign stands in the amount or "", the amount without letters of the sign: $ for US$)."""
    if found := _DOLLAR_SIGN.search(text):
        return _DOLLAR_SIGNS[found[1].upper()], text.replace(found[1], "", 1)
    return next((code for sign, code in _SIGNS.items() if sign in text), ""), text


def is_other_dollar(text: str, code: str) -> bool:
    """Whether the amount is in dollars and the code that of a currency without that sign."""
    return "$" in text and code.upper() not in DOLLARS


def _with_minus_in_front(text: str) -> str:
    """The amount without a currency's sign around it, and -12 for (12) and 12-."""
    text = text.strip(_AROUND)
    minus = _NEGATIVE.fullmatch(text)
    return f"-{(minus[1] or minus[2] or '').strip(_AROUND)}" if minus else text


def _code(text: str) -> str:
    """The code of a currency that is written as its code, its sign or its name; else the text."""
    text = text.strip()
    return _SIGNS.get(text.lower()) or _WORDS.get(text.lower(), text)


def _extended(basic: re.Match) -> str:
    """The date, and the time if it has one, in ISO 8601's extended format."""
    year, month, day, *clock = basic.groups()
    date = f"{year}-{month}-{day}"
    return f"{date}T{':'.join(filter(None, clock))}" if any(clock) else date


def _clock(found: re.Match) -> tuple[dt.time, dt.tzinfo | None]:
    """(time of day, its zone or None). Raises ValueError."""
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a 12-hour clock")
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    if hour == 24 and not minute and not second and not found[4]:
        hour = 0  # of the next day
    return dt.time(hour, minute, second), _zone(found[5] or "")


def _zone(text: str) -> dt.tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return dt.timezone(dt.timedelta(hours=_ZONES[text.lower()]))
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def load(
    mapping: list[str],
    reading: list[dict[str, Any]],
    given: dict[str, str],
    zone: ZoneInfo,
    conventions: dict[str, Any],
    headings: list[str],
) -> EventReading:
    """The reading of an import: `given` is ContactImport.event, `headings` are the names of its columns."""

    def reader(meaning: str, kind: str) -> Callable[[str], values.Value]:
        column = mapping.index(meaning) if meaning in mapping else len(reading)
        chosen = format_inference.read_options(reading[column]) if column < len(reading) else {}
        return values.reader(kind, **(conventions | chosen))

    column = mapping.index("event_time") if "event_time" in mapping else len(headings)
    is_utc = column < len(headings) and _UTC.search(headings[column])
    return EventReading(
        ZoneInfo("UTC") if is_utc else zone,
        reader("event_time", values.Kind.DATE),
        reader("event_value" if "event_value" in mapping else "event_item_value", values.Kind.NUMBER),
        given.get("name", ""),
        given.get("currency", ""),
    )
