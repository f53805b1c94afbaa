"""A person gets their data or is erased without an account, by a link that was mailed on request."""

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry
from contacts.consent import ledger, preferences, suppression_list
from contacts.models import Consent, Contact
from kernel.links import sign_ids
from kernel.tenancy import scope
from tests.contacts.conftest import path


@pytest.fixture
def ana(acme):
    with scope(acme):
        contact = Contact.objects.create(email="ana@example.com", first_name="Ana")
        ledger.grant(contact, source=Consent.Source.MEMBER, wording="at the fair")
        return contact


@pytest.fixture
def rights(acme, ana, visitor, mails):
    """The address of the page, from the mail."""
    answer = visitor.post(path(preferences.link(ana)), {"action": "rights"})
    assert "Check your inbox" in answer.content.decode()
    [(recipient, _message, link)] = mails(acme)
    assert recipient == "ana@example.com" and link.startswith("/p/rights/")
    return link


def test_a_person_downloads_everything(rights, visitor):
    assert "Download my data" in visitor.get(rights).content.decode()
    answer = visitor.post(rights, {"action": "download"})
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"ana@example.com" in archive.read("everything.json")


def test_another_merchants_account_is_not_logged(acme, beta, ana, rights, as_user, charlie):
    client = as_user(charlie)
    for data in ({"action": "download"}, {"action": "erase", "sure": "on"}):
        assert client.post(rights, data).status_code == 200
    with scope(acme):
        said = AuditEntry.objects.filter(verb__in=["contact.data_given", "contact.erased"])
        assert list(said.values_list("actor", "address")) == [(None, None)] * 2


def test_a_person_is_erased_after_ticking_the_box(acme, ana, rights, visitor):
    for method in (visitor.get, visitor.head):
        method(rights)
    assert "Tick the box to confirm" in visitor.post(rights, {"action": "erase"}).content.decode()
    with scope(acme):
        assert Contact.objects.get(pk=ana.pk).email == "ana@example.com"
    assert "Your data has been deleted" in visitor.post(rights, {"action": "erase", "sure": "on"}).content.decode()
    with scope(acme):
        assert Contact.objects.get(pk=ana.pk).email is None
        assert suppression_list.of_address("email", "ana@example.com").reason == "erased"
        entry = AuditEntry.objects.get(verb="contact.erased")
        assert entry.address is None and entry.actor is None
    assert visitor.post(rights, {"action": "download"}).status_code == 410


def test_the_link_is_valid_for_a_day_and_for_this_page_only(acme, ana, rights, visitor):
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert visitor.get(rights).status_code == 410
        assert visitor.post(rights, {"action": "erase", "sure": "on"}).status_code == 410
    for forged in (sign_ids("person", acme.pk, ana.pk), sign_ids("rights", acme.pk, ana.pk), "x"):
        assert visitor.post(f"/p/rights/{forged}/", {"action": "erase", "sure": "on"}).status_code == 404
    with scope(acme):
        assert Contact.objects.get(pk=ana.pk).email == "ana@example.com"


def test_the_link_in_a_message_opens_neither(ana, visitor):
    """The page behind the link in a message only sends a mail; it gives no data itself."""
    answer = visitor.post(path(preferences.link(ana)), {"action": "download"})
    assert answer["Content-Type"].startswith("text/html")
    assert visitor.post(path(preferences.link(ana)), {"action": "erase", "sure": "on"}).status_code in (200, 422)
    with scope(ana.workspace_id):
        assert Contact.objects.get(pk=ana.pk).email == "ana@example.com"
