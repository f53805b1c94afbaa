"""Turns phone numbers as people write them into the stored form: E.164, such as +33612345678."""

import re

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import ValidationResult

REASONS = {
    "no_phone": _("No phone number"),
    "phone_letters": _("Not a phone number"),
    "phone_country": _("The phone number has no country code. Start it with + and the country code"),
    "phone_short": _("The phone number is too short"),
    "phone_long": _("The phone number is too long"),
    "phone_not_valid": _("This phone number doesn't exist"),
    "phone_scientific": _("The spreadsheet shortened the phone number. Format the column as text and export it again"),
    "phone_extension": _("The number is kept without its extension"),
    "more_phones": _("Several phone numbers. The first one is kept"),
}
_OF_RESULT = {
    ValidationResult.TOO_SHORT: "phone_short",
    ValidationResult.TOO_LONG: "phone_long",
    ValidationResult.INVALID_COUNTRY_CODE: "phone_country",
}
# Matches nearly every number, for countries in which the length alone shows that it is complete. Only the others go to
# the library, which is 20 times slower.
PLAIN = re.compile(
    r"\+(?:33[1-9]\d{8}|1[2-9]\d{2}[2-9]\d{6}|32[1-9]\d{7,8}|447\d{9}|41[1-9]\d{8}|34[6-9]\d{8})", re.ASCII
)
NATIONAL_FR = re.compile(r"0[1-9]\d{8}", re.ASCII)
SIGNS = str.maketrans("", "", " .-/()\u00a0\u202f\u2009\u2011\u200e\u200f\u202a\u202c\u2068\u2069\ufeff'")
# "ext. 12", "poste 12", "x12", "#12", at the end of a number.
_EXTENSION = re.compile(
    r"[\s,;]*(?:\b(?:extension|extn?|poste|interno?|interne?|anexo|ramal|toestel|durchwahl|dw|apparat|app)\b|(?<=[\d\s])x|#)"
    r"[.:]?\s*\d{1,6}$",
    re.IGNORECASE,
)
# "Tél. : 06 12 34 56 78", "tel:+33612345678", "mobile: 06..."
_LABEL = re.compile(r"^[^\W\d_][^\d+(]{0,20}:\s*")
# "06 12 34 56 78 (Ann)"
_REMARK = re.compile(r"\s*\([^\d()]*\)$")
_SEPARATORS = re.compile(r"\s*(?::::|[;,|\r\n\t])\s*|\s+(?:or|ou|oder|o|of|and|et|und|y|e|en)\s+", re.IGNORECASE)


class BadPhone(ValueError):
    """Raised for a number that can't be called; the message is a key of REASONS."""


def clean_phone(text: str, country: str = "") -> str:
    """The stored form of a number. A number without a country code belongs to `country` (ISO 3166, two letters). Raises
    BadPhone."""
    bare = text.translate(SIGNS)
    if (plain := _plain(bare, country)) is not None:
        return plain
    if not bare:
        raise BadPhone("no_phone")
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", text.strip()):
        raise BadPhone("phone_scientific")
    return _parsed(text, country)


def _plain(bare: str, country: str) -> str | None:
    """The stored form of a number, without signs, that needs no library."""
    if PLAIN.fullmatch(bare):
        return bare
    return f"+33{bare[1:]}" if country == "FR" and NATIONAL_FR.fullmatch(bare) else None


def _parsed(text: str, country: str) -> str:
    if len(text) > 60:
        raise BadPhone("phone_long")
    try:
        number = phonenumbers.parse(text.removeprefix("'"), country.upper() or None)
    except phonenumbers.NumberParseException as problem:
        kind = problem.error_type
        if kind == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise BadPhone("phone_country") from None
        if kind == phonenumbers.NumberParseException.TOO_LONG:
            raise BadPhone("phone_long") from None
        raise BadPhone("phone_letters" if re.search(r"[^\W\d_]", text) else "phone_short") from None
    result = phonenumbers.is_possible_number_with_reason(number)
    if result != ValidationResult.IS_POSSIBLE:
        raise BadPhone(_OF_RESULT.get(result, "phone_short"))
    stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(stored) > 16:
        raise BadPhone("phone_long")
    if not phonenumbers.is_valid_number(number):
        raise BadPhone("phone_not_valid")
    return stored


def find_phone(text: str, country: str = "") -> tuple[str, str]:
    """(the stored form of the first number in a text, a key of REASONS that says what of the text is left out or ""):
    an extension, and further numbers. Raises BadPhone if no number can be called."""
    if (plain := _plain(text.translate(SIGNS), country)) is not None:
        return plain, ""
    try:
        return _without_extension(text, country)
    except BadPhone as problem:
        refusal = problem
    # A slash may stand within a number, so it separates only where nothing else does.
    for pieces in (_SEPARATORS.split(text), text.split("/")):
        for piece in pieces if len(pieces) > 1 else ():
            try:
                return _without_extension(piece, country)[0], "more_phones"
            except BadPhone:
                continue
    raise refusal


def _without_extension(text: str, country: str) -> tuple[str, str]:
    text = _REMARK.sub("", _LABEL.sub("", text.strip()))
    bare = _EXTENSION.sub("", text)
    return clean_phone(bare, country), "" if bare == text else "phone_extension"
