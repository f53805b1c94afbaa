"""A contact entered by hand: one of three identifiers, custom fields, and consent per channel."""

import pytest

from contacts.consent import ledger, suppression_list
from contacts.models import (
    Channel,
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    ListMember,
    Suppression,
    Tag,
)
from kernel.tenancy import scope
from tests.markup import edit

NEW = "/w/acme/contacts/new/"


@pytest.fixture
def own_fields(acme):
    kinds = {"points": "number", "born": "date", "size": "choice", "member": "boolean", "site": "url", "city": "text"}
    with scope(acme):
        for name, kind in kinds.items():
            choices = ["Small", "Large"] if kind == "choice" else []
            ContactField.objects.create(name=name, label=name.title(), kind=kind, choices=choices)


@pytest.mark.parametrize(
    "given, handle",
    [
        ({"email": "ANA@example.com"}, "ana@example.com"),
        ({"phone": "06 12 34 56 78"}, "+33612345678"),
        ({"external_id": " K-17 "}, "K-17"),
    ],
)
def test_one_of_three_identifiers_is_enough(acme, alice, as_user, given, handle):
    client = as_user(alice)
    response = client.post(NEW, given, follow=True)
    assert handle in response.content.decode()
    with scope(acme):
        assert Contact.objects.get().handle == handle
    for page in ("/w/acme/contacts/", "/w/acme/contacts/?sort=name", f"/w/acme/contacts/?q={handle[:4]}"):
        assert handle in client.get(page).content.decode()


def test_without_an_identifier_the_form_is_refused_and_keeps_its_input(acme, alice, as_user):
    page = as_user(alice).post(NEW, {"first_name": "Ana", "tags": "vip"}).content.decode()
    assert (
        "Enter an e-mail address, a phone number or a customer number" in page
        and 'value="Ana"' in page
        and 'value="vip"' in page
    )


@pytest.mark.parametrize("field", ["email", "external_id"])
@pytest.mark.parametrize("deleted", [False, True])
def test_another_contacts_identifier_is_refused_with_a_link_to_it(acme, alice, as_user, field, deleted):
    values = {"email": "ana@example.com", "external_id": "K17"}
    client = as_user(alice)
    client.post(NEW, values)
    with scope(acme):
        other = Contact.objects.get()
    if deleted:
        client.post(f"/w/acme/contacts/{other.pk}/delete/")
    page = client.post(NEW, {field: values[field]}).content.decode()
    assert f'href="/w/acme/contacts/{other.pk}/"' in page and ("Restore" in page) == deleted
    with scope(acme):
        assert Contact.objects.count() == 1


def test_names_in_messages_are_escaped(acme, alice, as_user):
    client = as_user(alice)
    client.post(NEW, {"email": "x@example.com", "first_name": "<b>Bob</b>"})
    page = client.post(NEW, {"email": "x@example.com"}).content.decode()
    assert "<b>Bob" not in page and "&lt;b&gt;Bob" in page


def test_custom_fields_are_stored_by_kind(acme, alice, as_user, own_fields):
    client = as_user(alice)
    typed = {
        "own_points": "1 234,50",
        "own_born": "1980-02-29",
        "own_size": "Large",
        "own_member": "true",
        "own_site": "https://example.com/a",
        "own_city": "Lyon",
    }
    client.post(NEW, {"email": "a@example.com"} | typed)
    with scope(acme):
        contact = Contact.objects.get()
    assert contact.attributes == {
        "points": 1234.5,
        "born": "1980-02-29",
        "size": "Large",
        "member": True,
        "site": "https://example.com/a",
        "city": "Lyon",
    }
    url = f"/w/acme/contacts/{contact.pk}/"
    assert "Lyon" in client.get(url).content.decode()
    form = client.get(url + "edit/").content.decode()
    assert 'type="date"' in form and 'value="1980-02-29"' in form and '<option value="Large" selected>' in form
    edit(client, url + "edit/", {"email": "a@example.com", "own_city": "Paris", "own_member": "false"})
    with scope(acme):
        contact.refresh_from_db()
        assert contact.attributes == {"city": "Paris", "member": False}


@pytest.mark.parametrize(
    "wrong", [{"own_points": "many"}, {"own_born": "30/02/2020"}, {"own_size": "Huge"}, {"own_site": "no address"}]
)
def test_a_value_of_the_wrong_kind_is_refused_and_keeps_the_input(acme, alice, as_user, own_fields, wrong):
    page = as_user(alice).post(NEW, {"email": "a@example.com", "own_city": "Lyon"} | wrong).content.decode()
    assert "errorlist" in page and 'value="Lyon"' in page
    with scope(acme):
        assert not Contact.objects.exists()


def test_an_old_value_that_does_not_fit_its_kind_survives_an_edit(acme, alice, as_user, own_fields):
    with scope(acme):
        contact = Contact.objects.create(email="a@example.com", attributes={"size": "Medium", "points": "about 10"})
    client, url = as_user(alice), f"/w/acme/contacts/{contact.pk}/edit/"
    assert '<option value="Medium" selected>' in client.get(url).content.decode()
    edit(client, url, {"email": "a@example.com", "first_name": "Ana", "own_size": "Medium", "own_points": "about 10"})
    with scope(acme):
        contact.refresh_from_db()
        assert contact.first_name == "Ana" and contact.attributes == {"size": "Medium", "points": "about 10"}


def test_tags_lists_and_companies_are_given_by_name(acme, alice, as_user):
    with scope(acme):
        ContactList.objects.create(name="Fair, 2026")
        Company.objects.create(name="Acme, Inc.")
    client = as_user(alice)
    groups = {"tags": "vip, new", "lists": '"Fair, 2026"', "companies": '"ACME, Inc."'}
    client.post(NEW, {"email": "a@example.com"} | groups)
    with scope(acme):
        contact = Contact.objects.get()
        assert ContactTag.objects.count() == 2 and ListMember.objects.get().contact_id == contact.pk
        CompanyContact.objects.update(role="administrator")
    page = client.get(f"/w/acme/contacts/{contact.pk}/edit/").content.decode()
    assert "&quot;Fair, 2026&quot;" in page and "&quot;Acme, Inc.&quot;" in page
    edit(client, f"/w/acme/contacts/{contact.pk}/edit/", {"email": "a@example.com"} | groups | {"tags": "new"})
    with scope(acme):
        assert [*ContactTag.objects.values_list("tag__name", flat=True)] == ["new"]
        assert CompanyContact.objects.get().role == "administrator", "an edit does not take the role away"
    page = client.post(NEW, {"email": "b@example.com", "lists": "Nowhere"}).content.decode()
    assert "There is no list called “Nowhere”" in page
    with scope(acme):
        assert Contact.objects.count() == 1 and Tag.objects.count() == 2


def test_consent_is_recorded_per_channel_with_its_wording(acme, alice, as_user):
    client = as_user(alice)
    person = {"email": "a@example.com", "phone": "+33612345678"}
    client.post(NEW, person | {"channels": ["email", "tracking"], "consent": "paper form"})
    with scope(acme):
        contact = Contact.objects.get()
        assert (contact.status, contact.sms_status, contact.tracking_status) == ("subscribed", "pending", "subscribed")
        assert {(c.channel, c.wording) for c in Consent.objects.all()} == {
            ("email", "paper form"),
            ("tracking", "paper form"),
        }


@pytest.mark.parametrize(
    "data, message",
    [
        ({"channels": "email"}, "Enter how this person agreed"),
        ({"consent": "at the fair"}, "Choose what this person agreed to"),
        ({"channels": "sms", "consent": "at the fair"}, "needs an address"),
    ],
)
def test_consent_needs_channel_wording_and_address(acme, alice, as_user, data, message):
    page = as_user(alice).post(NEW, {"email": "a@example.com"} | data).content.decode()
    assert message in page
    with scope(acme):
        assert not Contact.objects.exists()


def test_a_new_contact_with_a_suppressed_address_has_its_status(acme, alice, as_user):
    with scope(acme):
        suppression_list.suppress("email", "a@example.com", Suppression.Reason.COMPLAINED)
        suppression_list.suppress("sms", "+33612345678", Suppression.Reason.UNSUBSCRIBED)
    person = {"email": "a@example.com", "phone": "+33612345678"}
    page = as_user(alice).post(NEW, person | {"channels": "email", "consent": "form"}, follow=True).content.decode()
    assert "recorded because the address is on the suppression list" in page
    with scope(acme):
        contact = Contact.objects.get()
        assert contact.status == "complained" and contact.sms_status == "unsubscribed"
        assert not Consent.objects.exists()


def test_each_channel_is_withdrawn_separately(acme, alice, as_user):
    client = as_user(alice)
    client.post(NEW, {"email": "a@example.com", "channels": ["email", "tracking"], "consent": "paper form"})
    with scope(acme):
        pk = Contact.objects.get().pk
    client.post(f"/w/acme/contacts/{pk}/unsubscribe/", {"channel": "tracking"})
    with scope(acme):
        contact = Contact.objects.get()
        assert contact.status == "subscribed" and contact.tracking_status == "unsubscribed"
        assert Consent.objects.filter(channel=Channel.TRACKING, state="withdrawn").count() == 1


@pytest.mark.parametrize("field", ["email", "phone", "external_id", "first_name", "tags", "lists", "consent"])
@pytest.mark.parametrize("text", ["a\0b", "x" * 30_000, "“”<>'\"", "é" * 500])
def test_no_text_breaks_the_form(acme, alice, as_user, field, text):
    assert as_user(alice).post(NEW, {"email": "a@example.com", field: text}).status_code in (200, 302)


def test_a_corrected_address_has_not_bounced_and_has_no_consent_yet(acme, alice, as_user):
    with scope(acme):
        person = Contact.objects.create(email="old@example.com", status="bounced")
    url = f"/w/acme/contacts/{person.pk}/edit/"
    edit(as_user(alice), url, {"email": "old@example.com", "first_name": "Ana"})
    with scope(acme):
        assert Contact.objects.get().status == "bounced"
    edit(as_user(alice), url, {"email": "new@example.com"})
    with scope(acme):
        assert Contact.objects.get().status == "pending"
        ledger.withdraw(Contact.objects.get(), source=Consent.Source.PAGE)
        Contact.objects.update(status="bounced")
    edit(as_user(alice), url, {"email": "newer@example.com"})
    with scope(acme):
        person.refresh_from_db()
        assert person.status == "unsubscribed", "the opt-out belongs to the person, the bounce to the address"
