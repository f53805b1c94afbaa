"""What a person typed as an address, as a channel stores it: an e-mail address, or a phone number in E.164."""

import phonenumbers

from contacts import permission
from contacts.addresses import BadAddress, clean_email


def clean_phone(text: str, country: str) -> str:
    """The number in E.164; one without country code is of `country`. Raises BadAddress."""
    try:
        number = phonenumbers.parse(text.strip(), country)
    except phonenumbers.NumberParseException:
        raise BadAddress("not_valid") from None
    if not phonenumbers.is_possible_number(number):
        raise BadAddress("not_valid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_recipient(channel: str, text: str, country: str) -> str:
    """The stored form of what `channel` writes to. Raises BadAddress."""
    if permission.address_column(channel) == "email":
        return clean_email(text)
    return clean_phone(text, country)
