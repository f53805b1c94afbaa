"""An export can be imported again: it gives the same tags, lists, companies and fields."""

import pytest

from contacts.groups.tagging import retag
from contacts.models import Company, CompanyContact, Contact, ContactField, ContactList, ListMember, Tag
from kernel.tenancy import scope
from tests.contacts.exports.test_exporting import content, export
from tests.contacts.imports.running import import_file

ODD = ["plain", "a, b", "c; d", "e | f", '"quoted"', 'say "g"', '"h", i', "=1+1", "-50%", "'j"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_imported_as_it_is(acme, kind):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        ana = Contact.objects.create(email="ana@example.com", external_id="=1+1", attributes={"city": "@home"})
        bea = Contact.objects.create(email="bea@example.com")
        retag(ana, ODD)
        retag(bea, ["=1+1"])
        for name in ODD:
            ListMember.objects.create(contact=ana, contact_list=ContactList.objects.create(name=name))
            CompanyContact.objects.create(contact=ana, company=Company.objects.create(name=name))
        CompanyContact.objects.create(contact=bea, company=Company.objects.get(name="a, b"))
    file = content(export(acme, file_format=kind))
    with scope(acme):
        before = everything()
        for model in (Contact, Tag, ContactList, Company):
            model.objects.all().delete()
        assert everything() != before
    done = import_file(acme, file, name=f"contacts.{kind}")
    assert (done.created, done.rejected) == (2, 0) and {"tags", "lists", "companies"} <= set(done.mapping)
    with scope(acme):
        assert everything() == before


def everything() -> dict:
    return {
        person.email: (
            person.external_id,
            person.attributes,
            set(person.contacttag_set.values_list("tag__name", flat=True)),
            set(person.listmember_set.values_list("contact_list__name", flat=True)),
            set(person.companycontact_set.values_list("company__name", flat=True)),
        )
        for person in Contact.objects.all()
    }


def test_a_company_column_holds_one_name_and_a_companies_column_several(acme):
    import_file(acme, 'email,company\na@example.com,"Acme, Inc."\n', ["email", "company"])
    import_file(acme, 'email,firms\na@example.com,"Zed; acme, inc.; ""Acme, Inc."""\n', ["email", "companies"])
    with scope(acme):
        assert set(Company.objects.values_list("name", flat=True)) == {"Acme, Inc.", "Zed", "acme", "inc."}
        assert CompanyContact.objects.count() == 4
