"""Granting consent: what forbids it, and that nothing is written then."""

import pytest

from contacts.consent import ledger
from contacts.models import Consent, Contact, Suppression
from kernel.tenancy import scope
from tests.factories import contacts


@pytest.mark.parametrize("status", [Contact.Status.BOUNCED, Contact.Status.COMPLAINED])
def test_a_dead_or_complaining_address_is_not_granted_without_an_entry_on_the_suppression_list(acme, status):
    """The status alone forbids it: the entry may have been taken off the list, or purged."""
    with scope(acme):
        (contact,) = contacts(1, status=status)
        assert not Suppression.objects.exists()
        assert ledger.grant(contact, source=Consent.Source.FORM, wording="I agree.") is False
        contact.refresh_from_db()
        assert contact.status == status
        assert not Consent.objects.exists()


def test_somebody_else_is_granted(acme):
    """So that the test above can fail."""
    with scope(acme):
        (contact,) = contacts(1, status=Contact.Status.UNSUBSCRIBED)
        assert ledger.grant(contact, source=Consent.Source.FORM, wording="I agree.") is True
        assert Consent.objects.get().state == Consent.State.GRANTED
