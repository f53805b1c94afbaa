"""Numbers typed into a segment's conditions are read as in the fields that they are compared with."""

import pytest

from accounts.models import Workspace
from contacts.fields import values
from contacts.models import Contact, ContactField
from contacts.segments import audience, definition
from contacts.segments.audience import Audience, Groups
from kernel.tenancy import scope


@pytest.mark.parametrize(
    "country, typed, stored",
    [
        ("US", "1,234", "1234"),
        ("US", "1,234.56", "1234.56"),
        ("US", "1.234,56", "1234.56"),
        ("FR", "1,234", "1.234"),
        ("FR", "1.234,56", "1234.56"),
        ("FR", "1\u202f234,5", "1234.5"),
        ("FR", "0,00001", "0.00001"),
        ("FR", "-999999999999999", "-999999999999999"),
    ],
)
def test_a_typed_number_is_read_as_in_the_field(acme, country, typed, stored):
    Workspace.objects.filter(pk=acme.pk).update(country=country)
    workspace = Workspace.objects.get(pk=acme.pk)
    with scope(acme):
        ContactField.objects.create(name="points", label="Points", kind="number")
        kept = values.read("number", typed, **values.conventions(workspace))
        Contact.objects.create(email="n@example.com", status="subscribed", attributes={"points": kept})
        typed_rule = {"on": "field:points", "op": "eq", "with": {"value": typed}}
        data = definition.stored(definition.read_usable({"match": "all", "rules": [typed_rule]}))
        assert data["rules"][0]["with"] == {"value": stored}
        assert definition.stored(definition.read_usable(data)) == data, "what is stored is not read anew"
    with scope(acme):
        people = Audience(include=Groups(definitions=(data,)))
        assert [person.email for person in audience.sample(acme.pk, people, 5)] == ["n@example.com"]


@pytest.mark.parametrize("typed", ["1 %", "1,5%", "100"])
def test_a_share_is_read_alike(acme, typed):
    rule = {"on": "sample", "op": "share", "with": {"share": typed}}
    with scope(acme):
        assert definition.read_usable({"match": "all", "rules": [rule]})


@pytest.mark.parametrize("typed", ["%", "many", "1e5", "1,2,3", "NaN", "9" * 17])
def test_what_is_no_number_says_so(acme, typed):
    rule = {"on": "sample", "op": "share", "with": {"share": typed}}
    with scope(acme), pytest.raises(definition.BadDefinition, match="is not a number"):
        definition.read_usable({"match": "all", "rules": [rule]})
