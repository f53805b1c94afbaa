"""Addresses with other letters than ASCII: to the owner of the domain, to one person once, or said beforehand."""

import email
import email.policy

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail

from accounts import emails
from accounts.models import User
from accounts.notifying import Notice
from campaigns import readiness
from contacts.consent import suppression_list
from contacts.models import Contact, Suppression
from contacts.people import lookup, searching
from delivery.channels.email.sender_form import SenderForm
from delivery.models import ProviderAccount
from delivery.providers.smtp.forms import SmtpForm
from kernel.tenancy import scope
from tests import factories
from tests.contacts.imports.running import import_file
from tests.delivery import smtp
from tests.delivery.batches import check_sums, start


class Modern(smtp.Mailbox):
    """Offers SMTPUTF8."""

    takes_utf8 = True

    def __init__(self):
        super().__init__()
        self.options: list[list[str]] = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.options.append(options)
        return await super().handle_MAIL(server, session, envelope, address, options)


def test_the_wire_names_the_owners_domain(acme, mail_server, send_all):
    mailbox, port = mail_server
    batch = send_all(start(acme, ["a@faß.de", "info@ελλάς.gr", "a@café.fr"], port=port))
    assert check_sums(batch)["accepted"] == 3
    assert mailbox.addresses() == ["a@xn--caf-dma.fr", "a@xn--fa-hia.de", "info@xn--hxarsa0b.gr"]


def test_a_no_to_one_spelling_is_a_no_to_both(acme, mail_server, send_all):
    mailbox, port = mail_server
    with scope(acme):
        suppression_list.suppress("email", "z@café.fr", Suppression.Reason.UNSUBSCRIBED)
    import_file(acme, "email,status\nz@xn--caf-dma.fr,subscribed\na@café.fr,subscribed\na@xn--caf-dma.fr,subscribed\n")
    with scope(acme):
        assert set(Contact.objects.values_list("email", flat=True)) <= {"a@café.fr", "z@café.fr"}
        Contact.objects.filter(email="a@café.fr").update(status="subscribed")
    batch = send_all(start(acme, port=port))
    assert mailbox.addresses() == ["a@xn--caf-dma.fr"] and check_sums(batch)["accepted"] == 1


def test_either_spelling_finds_the_person(acme):
    with scope(acme):
        person = Contact.objects.create(email="a@café.fr")
        for typed in ("a@café.fr", "a@xn--caf-dma.fr", "A@XN--CAF-DMA.FR", "a@caf"):
            assert searching.search(Contact.objects.all(), typed) == [person], typed
        assert lookup.find("a@xn--caf-dma.fr", "FR")[0] == [person]


def test_accents_before_the_at_go_where_the_server_takes_them(acme, send_all):
    with smtp.serving(Modern()) as (mailbox, port):
        batch = send_all(start(acme, ["é@café.fr", "b@x.example"], port=port))
        assert check_sums(batch)["accepted"] == 2
        options = {to: given for (to, _), given in zip(mailbox.taken, mailbox.options, strict=True)}
        assert "SMTPUTF8" in options["é@xn--caf-dma.fr"] and "SMTPUTF8" not in options["b@x.example"]
        source = next(source for to, source in mailbox.taken if to.startswith("é"))
        message = email.message_from_bytes(source, policy=email.policy.default)
        assert "é@xn--caf-dma.fr" in str(message["To"])
    with scope(acme):
        assert ProviderAccount.objects.get(provider="smtp").offers["smtputf8"] is True


def test_else_nobody_is_tried_and_the_checklist_counts_them(acme, mail_server, send_all, states):
    mailbox, port = mail_server
    batch = send_all(start(acme, ["é@x.example", "b@x.example"], port=port))
    assert states(batch) == {"é@x.example": ("failed", "utf8_address"), "b@x.example": ("accepted", "")}
    assert mailbox.seen == ["b@x.example"]
    with scope(acme):
        account = ProviderAccount.objects.get(provider="smtp")
        assert account.offers["smtputf8"] is False, "known from now on"
        words = [check.text for check in readiness.checks(factories.campaign())]
        assert "1 person has an address with accents before the @, which this account can't reach." in words
        assert "1 person will receive this." in words
    batch = send_all(start(acme))
    assert states(batch)["é@x.example"] == ("skipped", "utf8_address")


@pytest.mark.parametrize("provider, takes", [("sendgrid", False), ("brevo", False), ("ses", False), ("sandbox", True)])
def test_what_other_providers_take(provider, takes):
    assert ProviderAccount(provider=provider).takes_utf8_addresses is takes


def test_asking_the_server_tells_as_well(acme, mail_server):
    with scope(acme):
        account = factories.smtp_account(mail_server[1])
        assert account.takes_utf8_addresses, "not asked yet"
        account.kind.check(account)
        account.refresh_from_db()
        assert not account.takes_utf8_addresses and account.offers["size"] == 10_000_000


@pytest.mark.parametrize("address, problem", [("é@x.example", "without accents"), ("a@☃.fr", "valid e-mail")])
def test_senders_and_replies_are_deliverable(acme, address, problem):
    with scope(acme):
        for field in ("email", "reply_to"):
            form = SenderForm({"name": "N", "email": "a@x.example", "reply_to": "b@x.example"} | {field: address})
            assert problem in str(form.errors[field]) or "valid" in str(form.errors[field])
        form = SenderForm({"name": "N", "email": "A@xn--fa-hia.de", "reply_to": ""})
        assert form.is_valid() and form.cleaned_data["email"] == "a@faß.de"


def test_a_mail_server_is_named_by_idna_2008():
    form = SmtpForm({"name": "N", "host": "smtp.faß.de", "port": 587, "security": "starttls", "user": ""})
    form.is_valid()
    assert form.cleaned_data["host"] == "smtp.xn--fa-hia.de"


def test_fanfares_own_mail_goes_to_the_owner_too(db, django_capture_on_commit_callbacks):
    user = User(email="a@faß.de", name="A")
    with django_capture_on_commit_callbacks(execute=True):
        emails.notice(user, Notice(title="T", body="B", path=""))
    assert mail.outbox[0].to == ["a@xn--fa-hia.de"]
    assert get_adapter().clean_email("a@xn--fa-hia.de") == "a@faß.de"
