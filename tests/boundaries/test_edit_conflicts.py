"""Two people edit one row: nobody overwrites what they have not seen, and nobody loses what they typed."""

import re

import pytest
from django.test import Client

from contacts.models import Company, Contact, ContactTag, Segment, SignupForm, Tag, Topic
from contacts.segments import definition
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories
from tests.markup import fields_of

W = "/w/acme/"
CONFLICT = "Someone saved other changes here"


def a_campaign() -> str:
    return f"{W}campaigns/{factories.campaign().pk}/edit/"


def a_template() -> str:
    return f"{W}templates/{MessageTemplate.objects.create(name='T', html='<p>Hello</p>').pk}/edit/"


def a_contact() -> str:
    return f"{W}contacts/{Contact.objects.create(email='ana@example.com', last_name='Kasse').pk}/edit/"


def a_company() -> str:
    return f"{W}contacts/companies/{Company.objects.create(name='Bakery').pk}/edit/"


def a_segment() -> str:
    rule = {"on": "first_name", "op": "is", "with": {"value": "Ana"}}
    stored = definition.stored(definition.read({"match": "all", "rules": [rule]}))
    return f"{W}contacts/segments/{Segment.objects.create(name='S', definition=stored).pk}/edit/"


def a_form() -> str:
    form = SignupForm.objects.create(name="F", language="en", title="News", wording="I agree")
    return f"{W}contacts/forms/{form.pk}/edit/"


def the_settings() -> str:
    return f"{W}settings/workspace/"


@pytest.fixture(params=[a_campaign, a_template, a_contact, a_company, a_segment, a_form, the_settings])
def address(acme, request) -> str:
    with scope(acme):
        return request.param()


def opened(client: Client, address: str) -> dict:
    return fields_of(client.get(address))


def name_in(values: dict) -> str:
    return next(name for name in ("last_name", "name") if name in values)


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(address, alice, as_user):
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    name = name_in(first)
    assert ana.post(address, first | {name: "By Ana"}).status_code == 302
    refused = leo.post(address, second | {name: "By Leo"})
    assert refused.status_code == 200 and CONFLICT in refused.content.decode()
    assert opened(ana, address)[name] == "By Ana"
    typed = fields_of(refused)
    assert typed[name] == "By Leo", "nothing that was typed is lost"
    assert leo.post(address, typed).status_code == 302, "who has been told may overwrite"
    assert opened(ana, address)[name] == "By Leo"


@pytest.mark.parametrize("pressed", [{"refresh": "1"}, {"enter": "1", "find-include": "vip"}])
def test_a_search_without_javascript_hides_no_conflict(acme, alice, as_user, pressed):
    with scope(acme):
        address = a_campaign()
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    ana.post(address, first | {"name": "By Ana"})
    searched = fields_of(leo.post(address, second | {"name": "By Leo"} | pressed))
    answer = leo.post(address, searched | {"find-include": ""})
    assert CONFLICT in answer.content.decode() and opened(ana, address)["name"] == "By Ana"


def test_a_field_that_the_workspace_has_got_meanwhile_is_no_conflict(acme, alice, as_user):
    with scope(acme):
        address = a_campaign()
    client = as_user(alice)
    values = opened(client, address)
    with scope(acme):
        Topic.objects.create(name="News")
    assert client.post(address, values).status_code == 302


def test_saving_twice_in_a_row_is_no_conflict(address, alice, as_user):
    client = as_user(alice)
    for name in ("Once", "Twice"):
        values = opened(client, address)
        assert client.post(address, values | {name_in(values): name}).status_code == 302


def test_a_rule_of_a_segment_that_changed_meanwhile_is_noticed(acme, alice, as_user):
    with scope(acme):
        address = a_segment()
    client = as_user(alice)
    values = opened(client, address)
    with scope(acme):
        segment = Segment.objects.get()
        segment.definition["rules"][0]["with"]["value"] = "Zoe"
        segment.save()
    assert CONFLICT in client.post(address, values).content.decode()


def test_the_log_names_only_what_was_changed_and_in_words(acme, alice, as_user):
    with scope(acme):
        address = a_contact()
        contact = Contact.objects.get()
        ContactTag.objects.create(contact=contact, tag=Tag.objects.create(name="Regulars"))
    client = as_user(alice)
    client.post(address, opened(client, address) | {"first_name": "Ana"})
    page = client.get(f"{W}contacts/{contact.pk}/").content.decode()
    assert "Edited: First name<" in re.sub(r"\s+<", "<", page)
