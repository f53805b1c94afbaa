"""Dates, numbers and money as the reader writes them: in the person's language, else the workspace's, and in the
workspace's time zone.

    {{ birthday | date: "%d %B" }}      12 March     12 mars
    {{ starts_at | date: "long" }}      March 12, 2026     12 mars 2026
    {{ points | number }}               1,234.5     1 234,5
    {{ total | money: "EUR" }}          €1,234.50     1 234,50 €

`date` is Liquid's, with strftime's directives, and takes the names that CLDR has for whole forms: short, medium, long,
full, time. `money` is named after Shopify's filter, `number` after what it takes. Forms are those of CLDR (Babel).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from dateutil import parser
from django.utils.translation import gettext as _
from liquid.context import RenderContext
from liquid.filter import liquid_filter, with_context
from liquid.undefined import is_undefined

from contacts.identity import merge_values
from templates_app.merging.filtering import Unusable

# Names of values that no merge tag can read: where the reader's language and the like stand beside a person's values.
LANGUAGE, TIME_ZONE, CURRENCY = merge_values.LANGUAGE, "\0time_zone", "\0currency"
_HIDDEN = {"language": LANGUAGE, "time_zone": TIME_ZONE, "currency": CURRENCY}
#: Filters whose result depends on the reader's language.
LOCALISED = frozenset({"date", "number", "money"})

_FORMS = frozenset({"short", "medium", "long", "full"})
_OF_LANGUAGE = re.compile(r"%(?P<flag>[-_0^#]?)(?P<directive>[AaBbhpPcxX])|%%")
_PATTERNS = {"A": "EEEE", "a": "EEE", "B": "MMMM", "b": "MMM", "h": "MMM", "p": "a", "P": "a"}
_DAY = re.compile(r"%[-_0]?[de]")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
MAX_DIGITS = 40  # of a number that is written for people
MAX_DECIMALS = 10
_MAX_KEPT = 4096


def defaults(language: str, time_zone: str, country: str) -> dict[str, str]:
    """What readers get of whom nothing else is known, to be kept with a message: language, time zone and currency."""
    return {"language": language, "time_zone": time_zone, "currency": currency_of(country)}


def hidden(kept: Mapping[str, str]) -> dict[str, str]:
    """`defaults()` under the names that the filters look for."""
    return {_HIDDEN[name]: value for name, value in kept.items() if name in _HIDDEN and value}


@lru_cache
def currency_of(country: str) -> str:
    """The currency of a country by its code (ISO 3166); empty where there is none."""
    return next(iter(numbers.get_territory_currencies(country.upper())), "") if country else ""


@with_context
@liquid_filter
def format_date(value: Any, form: Any, *, context: RenderContext) -> str:
    """A date, or a time, by strftime's directives or a form of CLDR. What is no date stays as it is."""
    if is_undefined(value):
        return ""
    zone = _zone(context.resolve(TIME_ZONE, default=""))
    if is_undefined(form):
        return str(value)
    when = datetime.now(zone) if value in ("now", "today") else _when(value, zone)
    if when is None:
        if isinstance(value, str | int):
            return str(value)
        raise Unusable(_("This is no date."))
    try:
        return _formatted(when, str(form), str(context.resolve(LANGUAGE, default="")))
    except ValueError:
        raise Unusable(_("This is no form of a date.")) from None


@with_context
@liquid_filter
def format_number(value: Any, decimals: Any = None, *, context: RenderContext) -> str:
    """A number with the reader's separators. `decimals`: so many places; without it, those that the number has."""
    amount = _decimal(value)
    if amount is None:
        return _text(value)
    locale = _locale(str(context.resolve(LANGUAGE, default="")))
    places = _places(decimals)
    if places is None:
        return numbers.format_decimal(amount, locale=locale, decimal_quantization=False)
    form = "#,##0" + ("." + "0" * places if places else "")
    return numbers.format_decimal(amount, format=form, locale=locale)


@with_context
@liquid_filter
def format_money(value: Any, currency: Any = None, *, context: RenderContext) -> str:
    """An amount with its currency: the code of three letters (ISO 4217), else the currency of the workspace's
    country."""
    amount = _decimal(value)
    if amount is None:
        return _text(value)
    code = _text(currency) or str(context.resolve(CURRENCY, default=""))
    locale = _locale(str(context.resolve(LANGUAGE, default="")))
    if not code:
        return numbers.format_decimal(amount, format="#,##0.00", locale=locale)
    if not _CURRENCY.fullmatch(code):
        text = _("“%(code)s” is no currency. Write its three letters, such as EUR.")
        raise Unusable(text % {"code": code[:20]})
    return numbers.format_currency(amount, code.upper(), locale=locale)


def _text(value: Any) -> str:
    return "" if value is None or is_undefined(value) else str(value)


def _places(decimals: Any) -> int | None:
    try:
        return None if decimals is None or is_undefined(decimals) else min(max(int(decimals), 0), MAX_DECIMALS)
    except (TypeError, ValueError, OverflowError):
        return None


def _decimal(value: Any) -> Decimal | None:
    """The number; None for what is none, or has more digits than anybody reads."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value).strip()
    try:
        amount = Decimal(text) if 0 < len(text) <= MAX_DIGITS else None
    except InvalidOperation:
        return None
    if amount is None or not amount.is_finite() or abs(amount.adjusted()) > MAX_DIGITS:
        return None
    return amount


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    """None where no zone is known: times stay as they are written then."""
    return ZoneInfo(name) if name else None


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    """The locale of a language tag (BCP 47), by its language alone if need be; English for one that nobody knows."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag.replace("_", "-"), sep="-")
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")


def _when(value: Any, zone: tzinfo | None) -> datetime | None:
    """The moment in the zone. What has no zone of its own is a time on a clock, and stays."""
    if isinstance(value, str) and not value.isdigit():
        found = _read(value)
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time.min)
    else:
        found = _from_timestamp(value)
    return found.astimezone(zone) if found is not None and found.tzinfo is not None and zone is not None else found


def _from_timestamp(value: Any) -> datetime | None:
    try:
        seconds = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


@lru_cache(maxsize=_MAX_KEPT)
def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parser.parse(text)
    except (parser.ParserError, OverflowError):
        return None


@lru_cache(maxsize=_MAX_KEPT)
def _formatted(when: datetime, form: str, language: str) -> str:
    if form in _FORMS:
        return dates.format_date(when, form, locale=_locale(language))
    if form == "time":
        return dates.format_time(when, "short", locale=_locale(language))
    if language and _locale(language).language != "en":
        form = _in_language(when, form, _locale(language))
    return when.strftime(form)


def _in_language(when: datetime, form: str, locale: Locale) -> str:
    """The form of strftime with the words of the language in place of directives for words."""
    # Some languages decline a month behind a day: 12 marca, but marzec 2026.
    month = "MMMM" if _DAY.search(form) else "LLLL"

    def word(found: re.Match[str]) -> str:
        directive = found["directive"]
        if directive is None:
            return found[0]
        if directive in "cxX":
            text = _whole(when, directive, locale)
        else:
            text = dates.format_datetime(when, month if directive == "B" else _PATTERNS[directive], locale=locale)
        return (text.upper() if found["flag"] == "^" else text).replace("%", "%%")

    return _OF_LANGUAGE.sub(word, form)


def _whole(when: datetime, directive: str, locale: Locale) -> str:
    if directive == "x":
        return dates.format_date(when, "short", locale=locale)
    if directive == "X":
        return dates.format_time(when, "medium", locale=locale)
    return dates.format_datetime(when, "medium", locale=locale)


FILTERS = {"date": format_date, "number": format_number, "money": format_money}
