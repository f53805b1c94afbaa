"""Companies and the contacts who act for them."""

import pytest

from contacts.models import Company, CompanyContact, Contact
from kernel.tenancy import scope
from tests.factories import contacts
from tests.markup import edit

COMPANIES = "/w/acme/contacts/companies/"
ACME = {"name": "Acme, Inc.", "status": "active", "kind": "client"}


def make(client, **fields):
    return client.post(COMPANIES + "new/", ACME | fields, follow=True)


def test_a_company_from_creation_to_restoring(acme, alice, as_user):
    client = as_user(alice)
    page = make(client, industry=" Print ", phone="04 78 00 00 00", email="INFO@acme.example", website="acme.example")
    assert "Acme, Inc." in page.content.decode()
    with scope(acme):
        company = Company.objects.get()
        assert (company.industry, company.phone, company.email) == ("Print", "+33478000000", "info@acme.example")
        assert company.website == "https://acme.example"
    url = f"{COMPANIES}{company.pk}/"
    edit(client, url + "edit/", ACME | {"kind": "loyal"})
    client.post(url + "delete/")
    assert "Acme, Inc." not in client.get(COMPANIES).content.decode()
    assert "Acme, Inc." in client.get(COMPANIES + "?status=deleted").content.decode()
    page = make(client, name="ACME, inc.").content.decode()
    assert f'href="{url}"' in page and "Restore it instead" in page
    client.post(f"/w/acme/trash/company/{company.pk}/restore/")
    assert "already" in make(client, name="acme, INC.").content.decode()
    with scope(acme):
        assert Company.objects.get().kind == "loyal" and Company.objects.get().deleted_at is None


@pytest.mark.parametrize(
    "query, found",
    [
        ("q=acm", True),
        ("q=me", False),
        ("status=active", True),
        ("status=abandoned", False),
        ("kind=client", True),
        ("kind=prospect", False),
        ("industry=PRINT", True),
        ("industry=food", False),
    ],
)
def test_search_and_filters(acme, alice, as_user, query, found):
    client = as_user(alice)
    make(client, industry="Print")
    assert ("Acme, Inc." in client.get(f"{COMPANIES}?{query}").content.decode()) == found


def test_key_contacts_and_their_roles(acme, alice, as_user):
    client = as_user(alice)
    make(client)
    with scope(acme):
        company, (person,) = Company.objects.get(), contacts(1, phone="+33612345678")
    url = f"{COMPANIES}{company.pk}/"
    assert "p0@example.com" in client.get(url + "?who=06+12").content.decode()
    for _ in range(2):
        client.post(f"{url}people/{person.pk}/")
    client.post(f"{url}people/{person.pk}/role/", {"role": "administrator"})
    client.post(f"{url}people/{person.pk}/role/", {"role": "emperor"})
    with scope(acme):
        assert CompanyContact.objects.get().role == "administrator"
    assert "Administrator" in client.get(f"/w/acme/contacts/{person.pk}/").content.decode()
    assert "Acme, Inc." in client.get("/w/acme/contacts/").content.decode()
    client.post(f"{url}people/{person.pk}/delete/")
    with scope(acme):
        assert not CompanyContact.objects.exists() and Contact.objects.count() == 1


def test_a_contact_of_another_workspace_can_not_join_a_company(acme, beta, alice, as_user):
    client = as_user(alice)
    make(client)
    with scope(beta):
        (foreign,) = contacts(1)
    with scope(acme):
        company = Company.objects.get()
    assert client.post(f"{COMPANIES}{company.pk}/people/{foreign.pk}/").status_code == 404


@pytest.mark.parametrize("field", ["name", "industry", "size", "email", "phone", "website", "status"])
@pytest.mark.parametrize("text", ["a\0b", "x" * 30_000, "“<>'\"", ""])
def test_no_text_breaks_the_form(acme, alice, as_user, field, text):
    assert as_user(alice).post(COMPANIES + "new/", ACME | {field: text}).status_code in (200, 302)


def test_people_are_found_while_typing(acme, bob, as_user):
    with scope(acme):
        company = Company.objects.create(name="Acme, Inc.")
        Contact.objects.create(email="ana@example.com", first_name="Ana")
    page = as_user(bob).get(f"{COMPANIES}{company.pk}/?who=ana", headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="found">') and "ana@example.com" in page
