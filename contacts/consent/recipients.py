"""What a person typed as an address, as a channel stores it: an e-mail address, or a phone number in E.164."""

from contacts.consent import consent_rules
from contacts.identity.addresses import clean_email
from contacts.identity.phones import clean_phone


def clean_recipient(channel: str, text: str, country: str) -> str:
    """The stored form of what `channel` writes to; a number without country code is of `country`. Raises BadAddress
    or BadPhone."""
    if consent_rules.address_column(channel) == "email":
        return clean_email(text)
    return clean_phone(text, country)
