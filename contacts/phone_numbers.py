"""Phone numbers as people write them, and as we store them: E.164, such as +33612345678."""

import phonenumbers


class BadPhone(ValueError):
    """Not a number one can call."""


def clean_phone(text: str, region: str) -> str:
    """The stored form of a number; one without a country's prefix is read as one of `region` (ISO 3166). Raises
    BadPhone."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise BadPhone from None
    if not phonenumbers.is_valid_number(number):
        raise BadPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
