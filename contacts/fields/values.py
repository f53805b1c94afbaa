"""The values of a workspace's own fields: read from the text of a person or a file, stored as JSON, shown again.

They are stored as ContactField says: text, choice and url as a string, number as a number, date as "YYYY-MM-DD", yes/no
as a boolean.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Workspace
from contacts.models import ContactField
from kernel import words

Kind = ContactField.Kind
MAX_TEXT_LENGTH = 2000
REASONS = {
    "value_too_long": gettext_lazy("A value is longer than 2,000 characters"),
    "not_number": gettext_lazy("Not a number"),
    "not_date": gettext_lazy("Not a date. Use 2026-03-12 or 12/03/2026"),
    "zero_date": gettext_lazy("A date of zeros, which stands for no date"),
    "not_choice": gettext_lazy("Not one of this field's options"),
    "not_boolean": gettext_lazy("Not yes or no"),
    "not_url": gettext_lazy("Not a web address"),
}
YES = {"yes", "y", "oui", "o", "true", "vrai", "1", "on", "x", "t"}
NO = {"no", "n", "non", "false", "faux", "0", "off", "f"}
MONTH_FIRST = {"US", "PH", "PR", "GU", "VI", "FM", "MH", "PW", "AS", "MP"}
DECIMAL_POINT = MONTH_FIRST | {
    "GB",
    "IE",
    "AU",
    "NZ",
    "IN",
    "SG",
    "HK",
    "MY",
    "JP",
    "CN",
    "KR",
    "TH",
    "IL",
    "NG",
    "KE",
    "MX",
}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv januar janner enero ene gennaio gen januari janeiro",
            "february feb fevrier fevr fev februar febrero febbraio februari fevereiro",
            "march mar mars marz maerz mrz marzo maart mrt marco",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "june jun juin juni junio giugno giu junho",
            "july jul juillet juil juli julio luglio lug julho",
            "august aug aout agosto ago augustus",
            "september sep sept septembre septiembre settembre set setembro",
            "october oct octobre oktober okt octubre ottobre ott outubro out",
            "november nov novembre noviembre novembro",
            "december dec decembre dezember dez diciembre dic dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
# Also as eBay writes it: Jul-21-26, 10-Dez-25.
_WORD_DATE = re.compile(
    r"(?:(\d{1,2})(?:er|st|nd|rd|th|\.)?[ -](?:de )?([a-z]+)\.?|([a-z]+)\.?[ -](\d{1,2})(?:st|nd|rd|th)?)"
    r",?[ -](?:de )?(\d{4}|\d{2})"
)
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?P<time>[T ][\d:.,+ Z-]*)?")
SHORT_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?P<time> [\d:.]+(?: ?[aApP][mM])?)?")
_ZERO_DATE = re.compile(r"0{1,4}[-/. ]0{1,2}[-/. ]0{1,4}(?:[T ][0:.]+Z?)?|0{6}|0{8}")
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}")
# 1,234 and 1.234: more than a thousand, or a bit more than one. In 0,234 the sign can't separate thousands.
AMBIGUOUS_NUMBER = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_NUMBER_SIGNS = str.maketrans("\u2212", "-", " \u00a0\u202f\u2009'’")
_CURRENCY_SIGNS = re.compile(r"^([-+]?)[€$£]+|[€$£]+$")
_PLAIN_URL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,63}(?:[/?#][!-~]*)?", re.IGNORECASE)
_valid_url = URLValidator(schemes=["http", "https"])
#: What a value is stored as; None for no value.
Value = str | int | float | bool | None
#: Keyword arguments of `read`: day_first, decimal_comma, point_groups.
ReadOptions = dict[str, Any]


class Exact(str):
    """A number that a program wrote, such as the cell of a workbook: its point is the decimal sign."""

    __slots__ = ()

    def strip(self, *_chars: str | None) -> Exact:
        """The number itself: str.strip would return a plain str."""
        return self


class BadValue(ValueError):
    """Raised for a text that is no value of the kind; the message is a key of REASONS."""


def conventions(workspace: Workspace) -> ReadOptions:
    """How dates and numbers are written in the workspace's country: keyword arguments of `read`."""
    french = workspace.language == "fr"
    return {
        "day_first": workspace.country not in MONTH_FIRST,
        "decimal_comma": french or workspace.country not in DECIMAL_POINT,
    }


def read(
    field_or_kind: ContactField | str,
    text: str,
    *,
    choices: Sequence[str] = (),
    day_first: bool = True,
    decimal_comma: bool = True,
    point_groups: bool = False,
) -> Value:
    """The JSON value of a text, None if it is blank. Raises BadValue.

    1.234 is a bit more than one, since programs write numbers so, unless `point_groups` says that the point separates
    thousands.
    """
    if isinstance(field_or_kind, ContactField):
        kind, choices = field_or_kind.kind, field_or_kind.choices
    else:
        kind = field_or_kind
    options = {"day_first": day_first, "decimal_comma": decimal_comma, "point_groups": point_groups}
    return reader(kind, choices=choices, **options)(text)


def reader(
    kind: str,
    *,
    choices: Sequence[str] = (),
    day_first: bool = True,
    decimal_comma: bool = True,
    point_groups: bool = False,
) -> Callable[[str], Value]:
    """`read` for many values of one field: everything that depends on the field alone is computed once."""
    convert: Callable[[str], Value]
    if kind == Kind.NUMBER:
        convert = _number_reader(decimal_comma, point_groups)
    elif kind == Kind.DATE:
        convert = _date_reader(day_first)
    elif kind == Kind.CHOICE:
        convert = _choice_reader(choices)
    else:
        others: dict[str, Callable[[str], Value]] = {Kind.BOOLEAN: _boolean, Kind.URL: _url}
        convert = others.get(kind, str)

    def convert_text(text: str) -> Value:
        text = text.strip()
        if not text:
            return None
        if len(text) > MAX_TEXT_LENGTH:
            raise BadValue("value_too_long")
        return convert(text)

    return convert_text


def show(field: ContactField, value: Value) -> str:
    """A stored value in the reader's language. One that was stored before its field changed its kind is shown as it
    is."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    return _show_date(value) if field.kind == Kind.DATE else str(value)


def _show_date(value: str) -> str:
    try:
        return formats.date_format(dt.date.fromisoformat(value), "DATE_FORMAT")
    except ValueError:
        return value


def fold(text: str) -> str:
    """The text without case, accents and double spaces, for comparing words."""
    return " ".join(words.fold(text).split())


def bare_number(text: str) -> str:
    """The text of a number without spaces, apostrophes, plus sign and currency, before whose sign a minus may stand, or
    after it: -€12.50 and €-12.50."""
    return _CURRENCY_SIGNS.sub(r"\1", text.translate(_NUMBER_SIGNS)).removeprefix("+")


def _number_reader(decimal_comma: bool, point_groups: bool) -> Callable[[str], int | float]:
    # The sign that may separate thousands if it is the only sign in the number.
    grouping = "." if point_groups else "" if decimal_comma else ","

    def number(text: str) -> int | float:
        if _PLAIN_NUMBER.fullmatch(text):
            return int(text)
        bare = bare_number(text)
        commas, points = bare.count(","), bare.count(".")
        if commas and points:
            # The last of the two signs is the decimal one: 1.234,56 and 1,234.56.
            decimal = "," if bare.rfind(",") > bare.rfind(".") else "."
        elif commas > 1 or points > 1 or (grouping and grouping in bare and _is_grouped(text, bare)):
            decimal = ""
        else:
            decimal = "," if commas else "."
        whole, sign, part = bare.rpartition(decimal) if decimal and decimal in bare else (bare, "", "")
        if not _groups(whole) or (sign and not re.fullmatch(r"\d{1,15}", part)):
            raise BadValue("not_number")
        whole = re.sub(r"[.,]", "", whole)
        if len(whole) > 16:
            raise BadValue("not_number")
        value = float(f"{whole}.{part or 0}")
        return int(value) if value.is_integer() else value

    return number


def _is_grouped(text: str, bare: str) -> bool:
    return not isinstance(text, Exact) and bool(AMBIGUOUS_NUMBER.fullmatch(bare))


def _groups(whole: str) -> bool:
    """Whether these are digits, perhaps in groups of three with the same sign between them."""
    return bool(re.fullmatch(r"-?\d+|-?\d{1,3}(?:\.\d{3})+|-?\d{1,3}(?:,\d{3})+", whole))


def _date_reader(day_first: bool) -> Callable[[str], str]:
    def date(text: str) -> str:
        try:
            if found := _ISO_DATE.fullmatch(text):
                return dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat()
            if found := SHORT_DATE.fullmatch(text):
                day_group, month_group = (1, 2) if day_first else (2, 1)
                return dt.date(_year(found[3]), int(found[month_group]), int(found[day_group])).isoformat()
            if found := _WORD_DATE.fullmatch(fold(text)):
                day, month = (found[1], found[2]) if found[1] else (found[4], found[3])
                return dt.date(_year(found[5]), MONTHS[month], int(day)).isoformat()
        except (ValueError, KeyError):
            pass
        raise BadValue("zero_date" if _ZERO_DATE.fullmatch(text) else "not_date")

    return date


def has_time(text: str) -> bool:
    """Whether something stands after the date that a field of dates leaves out, such as a time."""
    found = _ISO_DATE.fullmatch(text) or SHORT_DATE.fullmatch(text)
    return bool(found and found["time"])


def _year(text: str) -> int:
    """A year of two digits is at most ten years ahead: birthdays are more common than plans."""
    if len(text) == 4:
        return int(text)
    now = dt.date.today().year
    year = now // 100 * 100 + int(text)
    return year - 100 if year > now + 10 else year


def _choice_reader(choices: Sequence[str]) -> Callable[[str], str]:
    known = {fold(choice): choice for choice in choices}

    def choice(text: str) -> str:
        found = known.get(fold(text))
        if found is None:
            raise BadValue("not_choice")
        return found

    return choice


def _boolean(text: str) -> bool:
    word = text.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadValue("not_boolean")


def _url(text: str) -> str:
    if _PLAIN_URL.fullmatch(text):
        return text
    address = text if "://" in text else f"https://{text}"
    try:
        _valid_url(address)
    except ValidationError:
        raise BadValue("not_url") from None
    return address
