"""The stored form of a recipient, by channel: an e-mail address, or a phone number in E.164."""

from contacts.consent import consent_rules
from contacts.identity.addresses import clean_email
from contacts.identity.phones import clean_phone


def clean_recipient(channel: str, text: str, country: str) -> str:
    """The stored form of a recipient of `channel`. A number without a country code belongs to `country`. Raises
    BadAddress or BadPhone."""
    column = consent_rules.address_column(channel)
    if column == "email":
        return clean_email(text)
    return clean_phone(text, country)
